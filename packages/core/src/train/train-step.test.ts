import '@tensorflow/tfjs-backend-cpu';
import { memory, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { adam, sgd } from '../optim';
import { key } from '../random';
import { Net, squares } from './test-net';
import { trainStep } from './train-step';

beforeAll(async () => {
  await init();
});

const x = key(3).uniform(8);
const batch = () => ({ x: tensor(x, [4, 2]), y: tensor([[0], [1], [0.5], [0.2]]) });

test('a step is forward, backward and update, as done by hand', () => {
  const model = new Net();
  const before = [...model.parameters()].map(([name, { value }]) => [name, value.dataSync()] as const);
  const step = trainStep(model, squares, sgd({ lr: 0.1 }));
  const data = batch();
  const lossOf = () => tidy(() => squares(model.forward(data.x), data.y).dataSync()[0]!);
  const start = lossOf();
  const { loss, updated } = step(data);
  expect(loss).toBe(start);
  expect(updated).toBe(true);

  // Each weight has moved by -lr times the slope that finite differences see.
  const after = new Map([...model.parameters()].map(([name, { value }]) => [name, value.dataSync()]));
  for (const [name, values] of before)
    model
      .parameters()
      .get(name)!
      .assign(values as Float32Array);
  for (const [name, values] of before) {
    const param = model.parameters().get(name)!;
    const slope = [0.01, -0.01].map((h) => {
      const moved = Float32Array.from(values);
      moved[0]! += h;
      param.assign(moved);
      return lossOf();
    });
    param.assign(values as Float32Array);
    expect((after.get(name)![0]! - values[0]!) / -0.1).toBeCloseTo((slope[0]! - slope[1]!) / 0.02, 3);
  }
});

test('nothing is left behind, also inside a tidy and where a step throws', () => {
  using model = new Net();
  using data = { ...batch(), [Symbol.dispose]() {} };
  const optimizer = adam();
  const step = trainStep(model, squares, optimizer);
  step(data);
  const { numTensors, numBytes } = memory();
  for (let i = 0; i < 10; i++) step(data);
  tidy(() => void step(data));
  expect(() => step({ x: data.x, y: undefined as unknown as Tensor })).toThrow(/target is not in the batch/);
  using wrong = tensor([1, 2, 3], [1, 3]);
  expect(() => step({ x: wrong, y: data.y })).toThrow();
  expect(memory()).toMatchObject({ numTensors: numTensors + 1, numBytes: numBytes + 12 });
});

test('accumulate updates at every n-th call, with the mean of the gradients', () => {
  const one = new Net();
  const two = new Net();
  const data = batch();
  trainStep(one, squares, sgd({ lr: 0.1 }))(data);
  const step = trainStep(two, squares, sgd({ lr: 0.1 }), { accumulate: 3 });
  expect([step(data), step(data), step(data)].map(({ updated }) => updated)).toEqual([false, false, true]);
  const [a, b] = [one, two].map((net) => net.hidden.w.value.dataSync());
  for (const [i, w] of a!.entries()) expect(b![i]).toBeCloseTo(w, 6);

  const { numTensors } = memory();
  step(data);
  expect(memory().numTensors).toBe(numTensors + 4);
  step.dispose();
  expect(memory().numTensors).toBe(numTensors);
});

test('the number of the step is folded into the key', () => {
  const data = batch();
  const losses = [1, 2].map((seed) => {
    const step = trainStep(new Net({ dropout: 0.5 }), squares, sgd({ lr: 0 }));
    return Array.from({ length: 4 }, () => step(data, { key: key(seed) }).loss);
  });
  expect(new Set(losses.flat()).size).toBeGreaterThan(4);
  const again = trainStep(new Net({ dropout: 0.5 }), squares, sgd({ lr: 0 }));
  expect(Array.from({ length: 4 }, () => again(data, { key: key(1) }).loss)).toEqual(losses[0]);
});

test('a frozen parameter stays as it is', () => {
  const model = new Net();
  model.hidden.w.trainable = false;
  const [frozen, free] = [model.hidden.w, model.out.w].map((param) => param.value.dataSync().slice());
  trainStep(model, squares, sgd({ lr: 0.1 }))(batch());
  expect(model.hidden.w.value.dataSync()).toEqual(frozen);
  expect(model.out.w.value.dataSync()).not.toEqual(free);
});

test('an objective sees model, batch and context', () => {
  const model = new Net();
  const step = trainStep(
    model,
    {
      compute: (net, { a, b, lengths }: { a: Tensor; b: Tensor; lengths: number[] }, ctx) => {
        expect(ctx).toMatchObject({ train: true, lengths });
        return squares(net.forward(a, ctx), b);
      },
    },
    sgd({ lr: 0.1 }),
  );
  const { x: a, y: b } = batch();
  const first = step({ a, b, lengths: [1, 2, 3, 4] }).loss;
  expect(step({ a, b, lengths: [4] }).loss).toBeLessThan(first);
});

test('a loss that is no number, or does not depend on the parameters, is refused', () => {
  const model = new Net();
  expect(() => trainStep(model, (p: Tensor) => p.clone(), sgd())(batch())).toThrow(
    /must be one number, it is \[4, 1\]/,
  );
  expect(() => trainStep(model, (_: Tensor, t: Tensor) => squares(t, t), sgd())(batch())).toThrow(
    /depends on no trainable parameter/,
  );
});

test('it trains on other backends too, and to the same numbers', async () => {
  const losses: number[][] = [];
  for (const backend of ['wasm', 'cpu']) {
    await init({ backend });
    const { numTensors } = memory();
    const model = new Net();
    const optimizer = adam({ lr: 0.01 });
    const step = trainStep(model, squares, optimizer, { accumulate: 2 });
    const data = batch();
    losses.push(Array.from({ length: 20 }, () => step(data).loss));
    model.dispose();
    optimizer.dispose();
    data.x.dispose();
    data.y.dispose();
    expect(memory().numTensors).toBe(numTensors);
  }
  for (const [i, loss] of losses[0]!.entries()) expect(losses[1]![i]).toBeCloseTo(loss, 5);
});
