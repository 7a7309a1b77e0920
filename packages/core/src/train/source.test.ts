import { memory, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { Source } from './source';

beforeAll(async () => {
  await init();
});

function* three() {
  for (let i = 0; i < 3; i++) yield { x: tensor([i]), note: 'text' };
}
async function* threeLater() {
  for (const batch of three()) {
    await Promise.resolve();
    yield batch;
  }
}

test.each([
  ['synchronous', three],
  ['asynchronous', threeLater],
])('%s: one batch lives at a time, and none at the end', async (_, batches) => {
  const { numTensors } = memory();
  const source = new Source<{ x: Tensor }>(batches());
  const seen: number[] = [];
  for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
    expect(memory().numTensors).toBe(numTensors + 1);
    seen.push(batch.x.dataSync()[0]!);
  }
  expect(seen).toEqual([0, 1, 2]);
  await source.close();
  expect(memory().numTensors).toBe(numTensors);
});

test('synchronous batches come at once', () => {
  const source = new Source(three());
  expect(source.next()).not.toBeInstanceOf(Promise);
  source.release();
});

test('closing tells the data, and frees the present batch', async () => {
  const { numTensors } = memory();
  let isTold = false;
  const source = new Source(
    (function* () {
      try {
        yield* three();
      } finally {
        isTold = true;
      }
    })(),
  );
  await source.next();
  await source.close();
  expect(isTold).toBe(true);
  expect(memory().numTensors).toBe(numTensors);
});

test('a batch that comes after the abort is freed', async () => {
  const { numTensors } = memory();
  const control = new AbortController();
  let give = () => {};
  const asked = new Promise<void>((resolve) => {
    give = resolve;
  });
  const source = new Source(
    (async function* () {
      await asked;
      yield* three();
    })(),
    control.signal,
  );
  const next = source.next();
  control.abort();
  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  await source.close();
  give();
  await new Promise((resolve) => setTimeout(resolve));
  expect(memory().numTensors).toBe(numTensors);
});

test('what the data throws is thrown', async () => {
  const source = new Source(
    (async function* () {
      yield tensor(1);
      await Promise.reject(new Error('no more'));
    })(),
    new AbortController().signal,
  );
  await source.next();
  await expect(source.next()).rejects.toThrow('no more');
  await source.close();
});
