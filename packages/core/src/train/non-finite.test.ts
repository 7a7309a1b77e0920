import { div, log, mean, memory, mul, sqrt, sub, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { NumericsError } from '../errors';
import type { Context } from '../nn/context';
import { sgd } from '../optim';
import { Net, squares } from './test-net';
import { trainStep } from './train-step';

beforeAll(async () => {
  await init();
});

const good = () => ({ x: tensor([[1, 2]]), y: tensor([[1]]) });

function messageOf(f: () => void): string {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(NumericsError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

test('a parameter that is not finite is named', () => {
  const model = new Net({ hidden: 2 });
  model.out.w.assign(Float32Array.of(1, Number.NaN));
  const message = messageOf(() => trainStep(model, squares, sgd())(good()));
  expect(message).toMatch(
    /^step 0: the loss is NaN, nothing was updated\n {2}parameter {2}out\.w {2}\[2, 1\]: 1 NaN of 2/,
  );
});

test('data that is not finite is named', () => {
  const bad = { x: tensor([[Infinity, 2]]), y: tensor([[Number.NaN]]) };
  const message = messageOf(() => trainStep(new Net(), squares, sgd())(bad));
  expect(message).toMatch(/batch {6}x {2}\[1, 2\]: 1 Infinity of 2\n {2}batch {6}y {2}\[1, 1\]: 1 NaN of 1/);
});

class Unsound extends Net {
  readonly inner = new (class Inner extends Net {
    override forward(x: Tensor, ctx?: Context): Tensor {
      const y = super.forward(x, ctx);
      const zero = sub(y, y);
      return sub(div(y, zero), div(y, zero)); // Infinity - Infinity
    }
  })();
  override forward(x: Tensor, ctx?: Context): Tensor {
    return mul(this.inner.forward(x, ctx), super.forward(x, ctx));
  }
}

test('the first operation that makes Infinity or NaN of finite numbers is named, with its module', () => {
  const model = new Unsound();
  const { numTensors } = memory();
  const data = good();
  const message = messageOf(() => trainStep(model, squares, sgd())(data));
  expect(message).toMatch(/first Infinity from RealDiv in Inner at inner {2}\[1, 1\]: 1 Infinity of 1/);
  expect(message).toMatch(/first NaN from Sub in Inner at inner {2}\[1, 1\]: 1 NaN of 1/);
  expect(memory().numTensors).toBe(numTensors + 2);
  expect(Object.keys(model)).not.toContain('forward');
});

test('an operation of ours is named too', () => {
  const model = new Net();
  model.hidden.b.assign(new Float32Array(16).fill(3e38));
  model.out.w.assign(new Float32Array(16).fill(3e38));
  const message = messageOf(() => trainStep(model, squares, sgd())(good()));
  expect(message).toMatch(/first Infinity from affine in Layer at out/);
});

test('the parameters are as before', () => {
  const model = new Net();
  const before = model.out.w.value.dataSync().slice();
  const step = trainStep(model, (p: Tensor, t: Tensor) => mul(squares(p, t), log(sub(0, squares(t, t)))), sgd());
  messageOf(() => step(good()));
  expect(model.out.w.value.dataSync()).toEqual(before);
});

test('checkFinite: every finds gradients that are not finite under a loss that is', () => {
  const model = new Net({ hidden: 2 });
  const before = model.out.w.value.dataSync().slice();
  const loss = (p: Tensor) => mean(sqrt(sub(p, p))); // the root of 0 is 0, its slope is not finite
  const step = trainStep(model, loss, sgd({ lr: 0.1 }), { checkFinite: 'every' });
  const data = good();
  const { numTensors } = memory();
  const message = messageOf(() => step(data));
  expect(message).toMatch(/^step 0: the loss is 0, but gradients are not finite; nothing was updated/);
  expect(message).toMatch(/gradient {3}out\.w {2}\[2, 1\]: 2 NaN of 2/);
  expect(memory().numTensors).toBe(numTensors);
  expect(model.out.w.value.dataSync()).toEqual(before);

  trainStep(model, loss, sgd({ lr: 0.1 }))(data); // unchecked, it reaches the parameters
  expect(model.out.w.value.dataSync()[0]).toBeNaN();
});

test('checkFinite: every refuses a batch that is not finite before the model sees it', () => {
  const model = new Net();
  const seen: Tensor[] = [];
  const loss = (p: Tensor, t: Tensor) => {
    seen.push(p);
    return squares(p, t);
  };
  const step = trainStep(model, loss, sgd(), { checkFinite: 'every' });
  const bad = { ...good(), x: tensor([[Number.NaN, 2]]) };
  const { numTensors } = memory();
  const message = messageOf(() => step(bad));
  expect(message).toMatch(/^step 0: the batch is not finite; nothing was computed/);
  expect(message).toMatch(/batch {6}x {2}\[1, 2\]: 1 NaN of 2/);
  expect(seen).toEqual([]);
  expect(memory().numTensors).toBe(numTensors);
});

test('checkFinite: false trains on', () => {
  const bad = { x: tensor([[Infinity, 2]]), y: tensor([[1]]) };
  expect(
    trainStep(new Net(), squares, sgd(), { checkFinite: false })({ ...bad, y: tensor([[Number.NaN]]) }).loss,
  ).toBeNaN();
});
