import { memory, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ShapeError } from '../errors';
import { Module, type Shape } from '../nn/module';
import { key } from '../random';
import { evaluate } from './evaluate';
import { predict } from './predict';
import { Net, squares, waves } from './test-net';

beforeAll(async () => {
  await init();
});

const points = (n: number, seed = 1) => tensor(key(seed).uniform(2 * n), [n, 2]);

test.each([1, 7, 100, 256])('in batches of %i it gives what the model gives at once', async (batch) => {
  using model = new Net();
  using x = points(100);
  using whole = model.predict(x);
  const { numTensors } = memory();
  const parts = await predict(model, x, { batch });
  expect(parts.shape).toEqual([100, 1]);
  for (const [i, y] of whole.dataSync().entries()) expect(parts.dataSync()[i]).toBeCloseTo(y, 6);
  parts.dispose();
  expect(memory().numTensors).toBe(numTensors);
});

test('of batches too, which are freed', async () => {
  using model = new Net();
  const { numTensors } = memory();
  const fromX = await predict(model, waves(50));
  const fromInput = await predict(model, waves(50), { input: ({ x }) => x });
  expect(fromX.shape).toEqual([256, 1]);
  expect(fromX.dataSync()).toEqual(fromInput.dataSync());
  expect(memory().numTensors).toBe(numTensors + 2);
  fromX.dispose();
  fromInput.dispose();
});

test('64 at the same time do not disturb each other', async () => {
  using model = new Net({ hidden: 64 });
  const { numTensors } = memory();
  const xs = Array.from({ length: 64 }, (_, i) => points(300, i));
  const ys = await Promise.all(xs.map((x, i) => predict(model, x, { batch: 1 + (i % 40) })));
  for (const [i, x] of xs.entries()) {
    using alone = model.predict(x);
    for (const [j, y] of alone.dataSync().entries()) expect(ys[i]!.dataSync()[j]).toBeCloseTo(y, 5);
  }
  for (const t of [...xs, ...ys]) t.dispose();
  expect(memory().numTensors).toBe(numTensors);
});

test('no examples give no predictions', async () => {
  using model = new Net();
  using y = await predict(model, tensor([], [0, 2]));
  expect(y.shape).toEqual([0, 1]);
});

class Same extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
  outputShape(input: Shape): Shape {
    return input;
  }
}

test("the input stays its owner's", async () => {
  const x = points(3);
  const y = await predict(new Same(), x);
  y.dispose();
  expect(x.isDisposed).toBe(false);
  x.dispose();
});

test('failing, it frees what it had', async () => {
  using model = new Net();
  using x = points(100);
  using scalar = tensor(1);
  const { numTensors } = memory();
  const control = new AbortController();
  const endless = {
    *batches() {
      for (let i = 0; ; i++) {
        if (i === 3) control.abort();
        yield { x: points(10) };
      }
    },
  };
  await expect(predict(model, endless, { signal: control.signal })).rejects.toMatchObject({ name: 'AbortError' });
  await expect(predict(model, scalar)).rejects.toThrow(ShapeError);
  await expect(predict(model, x, { batch: 0 })).rejects.toThrow(/batch is 0/);
  await expect(predict(model, { batches: () => [] })).rejects.toThrow(/no batch/);
  await expect(predict(model, { batches: () => [{ a: tensor(1) }] } as never)).rejects.toThrow(
    /the input is not in the batch/,
  );
  expect(memory().numTensors).toBe(numTensors);
});

test('evaluate weighs every example alike, and frees all it makes', async () => {
  using model = new Net();
  const { numTensors } = memory();
  const sizes: number[] = [];
  const metric = {
    reset: () => sizes.splice(0),
    update: (prediction: Tensor) => void sizes.push(prediction.size),
    result: () => sizes.reduce((a, b) => a + b, 0),
  };
  const whole = await evaluate(model, waves(256), { loss: squares });
  const parts = await evaluate(model, waves(100), { loss: squares, metrics: { metric } });
  expect(parts.loss).toBeCloseTo(whole.loss, 5); // 100, 100 and 56
  expect(parts.metric).toBe(256);
  expect(memory().numTensors).toBe(numTensors);
  await expect(evaluate(model, { batches: () => [] }, { loss: squares })).rejects.toThrow(/no batch/);
});
