import { grads, memory, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import {
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  relu,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
  withComposedOps,
} from './index';

beforeAll(async () => {
  await init();
});

const activations: Record<string, (x: Tensor) => Tensor> = {
  elu: (x) => elu(x, 1.5),
  gelu: (x) => gelu(x),
  geluTanh: (x) => gelu(x, 'tanh'),
  hardsigmoid,
  hardswish,
  hardtanh: (x) => hardtanh(x, -1.5, 0.5),
  leakyRelu: (x) => leakyRelu(x, 0.3),
  logSigmoid,
  mish,
  relu,
  selu,
  sigmoid,
  silu,
  softplus: (x) => softplus(x, 2),
  softsign,
  tanh,
};

const FAR = [-1e4, -200, -88, -40, -20, -3, -1, -1e-20, 0, 1e-20, 1, 3, 20, 40, 88, 200, 1e4];

test.each(Object.entries(activations))('%s: kernel and composed form agree at any length', (name, f) => {
  const before = memory().numTensors;
  for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 1021]) {
    tidy(() => {
      const source = key(n);
      const x = tensor([...source.child('x').normal(n, { std: 3 }), ...(n > 8 ? FAR : [])]);
      const dy = tensor(source.child('dy').normal(x.size));
      const run = () => [f(x), ...grads(f)([x], dy)];
      const composed = withComposedOps(run);
      for (const [i, result] of run().entries()) {
        const [found, wanted] = [result.dataSync(), composed[i]!.dataSync()];
        for (const [j, value] of wanted.entries()) {
          const error = Math.abs(found[j]! - value) / Math.max(1, Math.abs(value));
          expect(error, `${name} of ${n}, ${i === 0 ? 'y' : 'dx'} at x = ${x.dataSync()[j]}`).toBeLessThan(4e-6);
        }
      }
    });
  }
  expect(memory().numTensors).toBe(before);
});

// The rectifier is tfjs's kernel, which takes NaN for 0.
test.each(Object.entries(activations).filter(([name]) => name !== 'relu'))('%s: NaN stays, and alone', (_, f) => {
  tidy(() => {
    const y = f(tensor([0.5, Number.NaN, 0.5, 0.5, 0.5, Number.NaN])).dataSync();
    expect([...y].map(Number.isNaN)).toEqual([false, true, false, false, false, true]);
  });
});
