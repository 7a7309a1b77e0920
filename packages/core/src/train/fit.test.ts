import { memory, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { init } from '../backend/init';
import type { Batches } from '../data';
import { ConfigError } from '../errors';
import { adam, sgd } from '../optim';
import { evaluate } from './evaluate';
import { fit } from './fit';
import { Net, squares, waves } from './test-net';

beforeAll(async () => {
  await init();
});

function setup(epochs = 3, net: ConstructorParameters<typeof Net>[0] = {}) {
  return { model: new Net(net), data: waves(), loss: squares, optimizer: adam({ lr: 0.01 }), epochs };
}

test('the loss falls, and the reports say so in plain numbers', async () => {
  const { model, ...options } = setup(60);
  const before = await evaluate(model, waves(64), { loss: squares });
  const run = fit(model, options);
  const losses: number[] = [];
  for await (const epoch of run.epochs({ validate: waves(64) })) {
    expect(epoch).toMatchObject({ index: losses.length, step: (losses.length + 1) * 8, lr: 0.01 });
    expect(epoch.seconds).toBeGreaterThan(0);
    losses.push(epoch.loss);
  }
  expect(losses).toHaveLength(60);
  expect(run.history.map(({ loss }) => loss)).toEqual(losses);
  const after = await evaluate(model, waves(64), { loss: squares });
  expect(after.loss).toBeLessThan(before.loss / 20);
  expect(run.history.at(-1)!.validation).toEqual(after);
});

test('memory is flat over 1,000 steps, and nothing but model and optimizer remains', async () => {
  const start = memory();
  const { model, ...options } = setup(125);
  const run = fit(model, options);
  const counts = new Set<number>();
  for await (const step of run.steps({ every: 100 })) {
    if (step.index > 0) counts.add(memory().numTensors);
  }
  expect(run.step).toBe(1000);
  expect([...counts]).toEqual([start.numTensors + 4 + 8]); // 4 parameters, 2 moments each
  model.dispose();
  options.optimizer.dispose();
  expect(memory().numTensors).toBe(start.numTensors);
  expect(memory().numBytes).toBe(start.numBytes);
});

test('break stops, frees, and iterating anew goes on from there', async () => {
  const { model, ...options } = setup();
  const run = fit(model, options);
  await fit(new Net(), { ...options, optimizer: sgd({ lr: 0 }), epochs: 1 }).finish(); // nothing lazy is left to make
  let tensors = 0;
  for await (const step of run.steps()) {
    tensors ||= memory().numTensors;
    if (step.index === 2) break;
  }
  expect(run).toMatchObject({ step: 3, epoch: 0, batch: 3 });
  expect(memory().numTensors).toBe(tensors);
  const indices: number[] = [];
  for await (const { index } of run.steps()) indices.push(index);
  expect(indices[0]).toBe(3);
  expect(run).toMatchObject({ step: 24, epoch: 3, batch: 0 });
});

test('an interrupted epoch sees each of its batches once', async () => {
  const seen: number[] = [];
  const data: Batches<{ x: Tensor; y: Tensor }> = {
    *batches(epoch, skip = 0) {
      for (let i = skip; i < 4; i++) {
        seen.push(epoch * 4 + i);
        yield { x: tensor([[i, 1]]), y: tensor([[i]]) };
      }
    },
  };
  const { model, ...options } = setup(2);
  const run = fit(model, { ...options, data });
  for await (const { index } of run.steps()) if (index === 1) break;
  for await (const { index } of run.steps()) if (index === 4) break;
  await run.finish();
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a metric is of the training data in `metrics`, of the validation data in `validation`', async () => {
  const { model, ...options } = setup(1);
  let examples = 0;
  const count = {
    reset() {
      examples = 0;
    },
    update: (prediction: Tensor) => {
      examples += prediction.shape[0];
    },
    result: () => examples,
  };
  const run = fit(model, options);
  const two: Batches<{ x: Tensor; y: Tensor }> = {
    batches: () => [
      {
        x: tensor([
          [0, 1],
          [1, 0],
        ]),
        y: tensor([[0], [1]]),
      },
    ],
  };
  const { metrics, validation } = await run.finish({ validate: two, metrics: { count } });
  expect([metrics.count, validation.count]).toEqual([256, 2]);
});

test('best and stalled judge by the validation', async () => {
  const { model, ...options } = setup(6);
  const values = [5, 3, 4, Number.NaN, 4, 2];
  let at = 0;
  const metric = { mode: 'min' as const, reset() {}, update() {}, result: () => values[at]! };
  const seen: [boolean, boolean, boolean][] = [];
  for await (const epoch of fit(model, options).epochs({ metrics: { metric } })) {
    seen.push([epoch.best('metric'), epoch.stalled('metric', { patience: 2 }), epoch.best('metric', { mode: 'max' })]);
    expect(() => epoch.best('accuracy')).toThrow(/there is no number 'accuracy'[\s\S]*loss, metric/);
    at++;
  }
  expect(seen).toEqual([
    [true, false, true],
    [true, false, false],
    [false, false, false],
    [false, true, false],
    [false, true, false],
    [true, false, false],
  ]);
});

test('gradients that are accumulated are those of the larger batch', async () => {
  const weights: Float32Array[] = [];
  for (const [size, accumulate] of [
    [64, 1],
    [16, 4],
  ] as const) {
    const model = new Net();
    const run = fit(model, { data: waves(size), loss: squares, optimizer: sgd({ lr: 0.1 }), epochs: 2, accumulate });
    await run.finish();
    expect(run.step).toBe(8);
    weights.push(model.hidden.w.value.dataSync() as Float32Array);
  }
  for (const [i, w] of weights[0]!.entries()) expect(weights[1]![i]).toBeCloseTo(w, 5);
});

test('an abort stops after the present step with the reason of the signal', async () => {
  const { model, ...options } = setup();
  const control = new AbortController();
  const run = fit(model, { ...options, signal: control.signal });
  const reason = new Error('enough');
  const steps: number[] = [];
  await expect(async () => {
    for await (const { index } of run.steps()) {
      steps.push(index);
      if (index === 4) control.abort(reason);
    }
  }).rejects.toBe(reason);
  expect(steps).toEqual([0, 1, 2, 3, 4]);
  expect(run.step).toBe(5);
  await expect(run.finish()).rejects.toBe(reason);
});

test('an abort does not wait for data that does not come', async () => {
  const { model, ...options } = setup();
  const control = new AbortController();
  const stuck: Batches<{ x: Tensor; y: Tensor }> = {
    async *batches() {
      yield { x: tensor([[1, 2]]), y: tensor([[1]]) };
      await new Promise(() => {});
    },
  };
  setTimeout(() => control.abort(), 10);
  const run = fit(model, { ...options, data: stuck, signal: control.signal });
  await expect(run.finish()).rejects.toMatchObject({ name: 'AbortError' });
  expect(run.step).toBe(1);
});

test('the event loop goes on: a timer fires while training', async () => {
  const { model, ...options } = setup(100_000, { hidden: 256 });
  const control = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => {
    if (++ticks === 3) control.abort();
  }, 5);
  await expect(fit(model, { ...options, signal: control.signal }).finish()).rejects.toMatchObject({
    name: 'AbortError',
  });
  clearInterval(timer);
  expect(ticks).toBe(3);
});

test('two trainings interleave and give what they give alone', async () => {
  const alone: number[][] = [];
  for (const seed of [1, 2]) {
    const { model, ...options } = setup(3, { seed });
    const run = fit(model, options);
    await run.finish();
    alone.push(run.history.map(({ loss }) => loss));
  }
  const together = await Promise.all(
    [1, 2].map(async (seed) => {
      const { model, ...options } = setup(3, { seed });
      const run = fit(model, options);
      for await (const { index } of run.steps()) if (index % 2 === 0) await Promise.resolve();
      return run.history.map(({ loss }) => loss);
    }),
  );
  expect(together).toEqual(alone);
});

test('a run is iterated once at a time', async () => {
  const { model, ...options } = setup();
  const run = fit(model, options);
  const first = run.steps();
  await first.next();
  await expect(run.finish()).rejects.toThrow(/iterated already/);
  await first.return();
  await run.finish();
});

test('listeners hear steps, epochs and the end', async () => {
  const { model, ...options } = setup(2);
  const run = fit(model, options);
  const step = vi.fn();
  const epoch = vi.fn();
  const end = vi.fn();
  run.on('step', step);
  const deaf = run.on('epoch', epoch);
  run.on('end', end);
  for await (const { index } of run.epochs()) if (index === 0) deaf();
  expect(step).toHaveBeenCalledTimes(16);
  expect(step).toHaveBeenLastCalledWith(expect.objectContaining({ index: 15, epoch: 1, batch: 8, lr: 0.01 }));
  expect(epoch).toHaveBeenCalledTimes(1);
  expect(end).toHaveBeenCalledExactlyOnceWith({});
});

test('what cannot be is refused before anything runs', async () => {
  const { model, ...options } = setup();
  expect(() => fit(model, { ...options, epochs: 0 })).toThrow(ConfigError);
  expect(() => fit(model, { ...options, accumulate: 0.5 })).toThrow(/accumulate is 0.5/);
  expect(() => fit(model, { ...options, data: [] as never })).toThrow(/no method batches/);
  expect(() => fit(model, { ...options, loss: 'mse' as never })).toThrow(/loss/);
  const nothing = { *batches() {} };
  await expect(fit(model, { ...options, data: nothing }).finish()).rejects.toThrow(/no batch in epoch 0/);
  const unnamed: Batches<{ a: Tensor }> = {
    *batches() {
      yield { a: tensor([1]) };
    },
  };
  await expect(fit(model, { ...options, data: unnamed as never }).finish()).rejects.toThrow(
    /target is not in the batch, which has the fields a/,
  );
  for (const param of model.parameters().values()) param.trainable = false;
  await expect(fit(model, options).finish()).rejects.toThrow(/nothing to train/);
});
