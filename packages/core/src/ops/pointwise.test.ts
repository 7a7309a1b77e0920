import { grads, memory, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import {
  definedOps,
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

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const log1pExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The error function by its Taylor series, and far from 0 by its continued fraction. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 3) {
    let [sum, term] = [a, a];
    for (let n = 1; n < 100; n++) {
      term *= -(a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

/** The functions in float64. */
const exact: Record<string, [f: (x: Tensor) => Tensor, reference: (x: number) => number]> = {
  elu: [(x) => elu(x), (x) => (x > 0 ? x : Math.expm1(x))],
  gelu: [(x) => gelu(x), (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2))],
  geluTanh: [(x) => gelu(x, 'tanh'), (x) => x * logistic(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))],
  hardsigmoid: [hardsigmoid, (x) => Math.min(Math.max(x + 3, 0), 6) / 6],
  hardswish: [hardswish, (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6],
  hardtanh: [(x) => hardtanh(x), (x) => Math.min(Math.max(x, -1), 1)],
  leakyRelu: [(x) => leakyRelu(x, 0.25), (x) => (x > 0 ? x : x / 4)],
  logSigmoid: [logSigmoid, (x) => -log1pExp(-x)],
  mish: [mish, (x) => x * Math.tanh(log1pExp(x))],
  selu: [selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))],
  silu: [silu, (x) => x * logistic(x)],
  softplus: [(x) => softplus(x), log1pExp],
  softsign: [softsign, (x) => x / (1 + Math.abs(x))],
};

test.each(Object.entries(exact))('%s is as close to float64 as the page of kernels says', (name, [f, reference]) => {
  const bound = definedOps().find((entry) => entry.name === name)?.error;
  expect(bound).toBeDefined();
  const limit = bound === 'exact' ? 0 : Number.parseFloat(bound!);
  tidy(() => {
    const x = tensor(Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) * 0.003));
    const [inputs, y] = [x.dataSync(), f(x).dataSync()];
    for (const [i, input] of inputs.entries()) {
      const wanted = reference(input);
      const error = Math.abs(y[i]! - (bound === 'exact' ? Math.fround(wanted) : wanted));
      const scale = bound!.endsWith('relative') ? Math.abs(wanted) : Math.max(1, Math.abs(wanted));
      if (!(error <= limit * scale)) expect.fail(`${name}(${input}) is ${y[i]}, not ${wanted}: allowed is ${bound}`);
    }
  });
});
