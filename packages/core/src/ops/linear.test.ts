import '@tensorflow/tfjs-backend-cpu';
import { expectClose, expectGolden, type OracleTensor, readOracle } from '@dl/testing';
import { grad, grads, memory, mul, ones, randomNormal, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { ACTIVATION_CODES, type FusedActivation } from '../backend/activation-codes';
import { init } from '../backend/init';
import { ConfigError, DtypeError, ShapeError } from '../errors';
import { affine, type LinearOptions, linear, withComposedOps } from './index';

const golden = readOracle('torch', 'activations').cases.filter(({ op }) => op === 'linear');
const load = ({ data, shape }: OracleTensor) => tensor(data, shape, 'float32');

const activations = Object.keys(ACTIVATION_CODES) as FusedActivation[];

/** dL/dx by central differences, L the sum of all outputs weighted by `upstream`. */
function differences(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[], which: number, upstream: Tensor): number[] {
  const step = 1e-2;
  const values = inputs[which]!.dataSync();
  const loss = (data: Float32Array) =>
    tidy(() => {
      const changed = inputs.map((x, i) => (i === which ? tensor(data, x.shape) : x));
      return sum(mul(f(...changed), upstream)).dataSync()[0]!;
    });
  return Array.from(values, (value, i) => {
    const [up, down] = [Float32Array.from(values), Float32Array.from(values)];
    up[i] = value + step;
    down[i] = value - step;
    return (loss(up) - loss(down)) / (2 * step);
  });
}

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeEach(async () => {
    await init({ backend });
  });

  describe.each(activations)('linear with %s', (activation) => {
    test.each([
      ['[batch, in]', [13], 5, 7],
      ['[batch, time, in]', [3, 4], 6, 9],
      ['[in]', [], 4, 3],
      ['one output', [70], 3, 1],
      ['no rows', [0], 3, 2],
    ])('of %s: kernel, composed form and their gradients agree', (_, lead, inputs, outputs) => {
      const before = memory().numTensors;
      tidy(() => {
        const x = randomNormal([...lead, inputs], 0, 2, 'float32', 1);
        const w = randomNormal([outputs, inputs], 0, 1, 'float32', 2);
        const b = randomNormal([outputs], 0, 1, 'float32', 3);
        const upstream = randomNormal([...lead, outputs], 0, 1, 'float32', 4);
        const f = (...[x, w, b]: Tensor[]) => linear(x!, w!, b, { activation, alpha: 0.3 });
        const composed = withComposedOps(() => ({ y: f(x, w, b), dx: grads(f)([x, w, b], upstream) }));
        expectClose(f(x, w, b), composed.y, 1e-5, 'y');
        for (const [i, d] of grads(f)([x, w, b], upstream).entries()) expectClose(d, composed.dx[i]!, 2e-4, `d${i}`);
        const noBias = (...[x, w]: Tensor[]) => linear(x!, w!, undefined, { activation });
        const plain = withComposedOps(() => grads(noBias)([x, w], upstream));
        for (const [i, d] of grads(noBias)([x, w], upstream).entries()) expectClose(d, plain[i]!, 2e-4, `d${i}`);
      });
      expect(memory().numTensors).toBe(before);
    });

    test('has the gradients of finite differences', () => {
      tidy(() => {
        // Sums that keep away from the kinks at 0 and 6 by more than the step moves them.
        const x = tensor([0.5, -1, 2, 1.5, 0.25, -0.75], [3, 2]);
        const w = tensor([1, -0.5, -2, 0.75], [2, 2]);
        const b = tensor([0.3, -0.2]);
        const upstream = tensor([1, -2, 0.5, 3, -1, 1], [3, 2]);
        const f = (...[x, w, b]: Tensor[]) => linear(x!, w!, b, { activation });
        for (const [i, d] of grads(f)([x, w, b], upstream).entries()) {
          const expected = differences(f, [x, w, b], i, upstream);
          expectClose(d, { shape: d.shape, data: expected }, 5e-3, `d${i}`);
        }
      });
    });
  });

  test.each(golden)(
    "$name has PyTorch's values and gradients",
    ({ inputs, outputs, grad_outputs, grads: expected, f32_noise }) => {
      tidy(() => {
        const given = ['x', 'w', 'b'].filter((name) => inputs[name] !== undefined);
        const tensors = given.map((name) => load(inputs[name]!));
        const upstream = load(grad_outputs!.y!);
        const f = (...[x, w, b]: Tensor[]) => linear(x!, w!, b);
        for (const run of [<T>(g: () => T) => g(), withComposedOps]) {
          run(() => {
            expectGolden(f(...tensors), outputs.y!, f32_noise?.y, 'y');
            for (const [i, gradient] of grads(f)(tensors, upstream).entries()) {
              const name = given[i]!;
              expectGolden(gradient, expected![name]!, f32_noise?.[`grad:${name}`], `d${name}`);
            }
          });
        }
      });
    },
  );

  test('linear can be differentiated twice', () => {
    tidy(() => {
      const w = tensor([0.5, -1], [1, 2]);
      const slope = grad((x: Tensor) => linear(x, w, undefined, { activation: 'tanh' }));
      const curvature = grad((x: Tensor) => sum(slope(x)))(tensor([[0.3, 0.4]]));
      const y = Math.tanh(0.5 * 0.3 - 0.4);
      const second = -2 * y * (1 - y * y); // tanh''
      const expected = [0.5, -1].map((wi) => second * wi * (0.5 - 1));
      expectClose(curvature, { shape: [1, 2], data: expected }, 1e-5);
    });
  });

  test('affine is linear with the weight transposed, with its gradients', () => {
    const before = memory().numTensors;
    tidy(() => {
      const x = randomNormal([9, 5], 0, 1, 'float32', 1);
      const w = randomNormal([5, 3], 0, 1, 'float32', 2);
      const b = randomNormal([3], 0, 1, 'float32', 3);
      const upstream = randomNormal([9, 3], 0, 1, 'float32', 4);
      const f = (...[x, w, b]: Tensor[]) => affine(x!, w!, b!);
      const composed = withComposedOps(() => [f(x, w, b), ...grads(f)([x, w, b], upstream)]);
      for (const [i, t] of [f(x, w, b), ...grads(f)([x, w, b], upstream)].entries()) {
        expectClose(t, composed[i]!, 1e-5, `output ${i}`);
      }
      for (const [i, d] of grads(f)([x, w, b], upstream).entries()) {
        expectClose(d, { shape: d.shape, data: differences(f, [x, w, b], i, upstream) }, 5e-3, `d${i}`);
      }
    });
    expect(memory().numTensors).toBe(before);
  });

  test('refuse what does not fit, and leave nothing behind', () => {
    tidy(() => {
      const [x, w, b, wide, row, cube, square] = [[4, 3], [2, 3], [2], [2, 5], [3], [4, 1, 3], [3, 2]].map((s) =>
        ones(s),
      );
      const integers = ones([4, 3], 'int32');
      const before = memory().numTensors;
      expect(() => linear(x!, wide!, b)).toThrow(/the input has 3 features, the weight expects 5/);
      expect(() => linear(x!, row!, b)).toThrow(/the weight must be \[out, in\]/);
      expect(() => linear(x!, w!, row)).toThrow(/the bias must be \[out=2\]/);
      expect(() => affine(cube!, square!, b!)).toThrow(ShapeError);
      expect(() => linear(integers, w!, b)).toThrow(DtypeError);
      expect(() => linear(x!, w!, b, { activation: 'gelu' } as unknown as LinearOptions)).toThrow(ConfigError);
      expect(() => linear(x!, w!, b, { activation: 'leakyrelu', alpha: -1 })).toThrow(ConfigError);
      expect(memory().numTensors).toBe(before);
    });
  });
});
