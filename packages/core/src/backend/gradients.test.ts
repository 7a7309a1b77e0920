import '@tensorflow/tfjs-backend-cpu';
import { expectClose } from '@dl/testing';
import {
  add,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  div,
  equal,
  grad,
  grads,
  greater,
  isNaN as isNan,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  matMul,
  maximum,
  memory,
  minimum,
  mul,
  notEqual,
  randomNormal,
  squaredDifference,
  sum,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { init } from './init';

const noise = (shape: number[], seed: number) => randomNormal(shape, 0, 1, 'float32', seed);
const values = (x: Tensor) => [...x.dataSync()];
const dot = (a: Tensor, b: Tensor) => sum(mul(a, b)).dataSync()[0]!;

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeEach(async () => {
    await init({ backend });
  });

  describe.each([
    ['dilation 2', { dilations: 2, strides: 1, pad: 'same' }],
    ['dilation 3 by 1', { dilations: [3, 1], strides: 1, pad: 'valid' }],
    [
      'dilation 2 by 3, padded unevenly',
      {
        dilations: [2, 3],
        strides: 1,
        pad: [
          [0, 0],
          [1, 3],
          [2, 0],
          [0, 0],
        ],
      },
    ],
    ['no dilation, stride 2', { dilations: 1, strides: 2, pad: 'same' }],
  ] as const)('convolutions with %s', (_, { dilations, strides, pad }) => {
    const convolve = (x: Tensor, w: Tensor) =>
      conv2d(x as Tensor4D, w as Tensor4D, strides, pad as 'same', 'NHWC', dilations as [number, number]);
    const depthwise = (x: Tensor, w: Tensor) =>
      depthwiseConv2d(x as Tensor4D, w as Tensor4D, strides, pad as 'same', 'NHWC', dilations as [number, number]);

    test.each([
      ['conv2d', convolve, [2, 9, 8, 3], [3, 2, 3, 5]],
      ['depthwiseConv2d', depthwise, [2, 9, 8, 3], [3, 2, 3, 2]],
    ] as const)('%s: the gradients are its adjoints', (_, f, xShape, wShape) => {
      const before = memory().numTensors;
      tidy(() => {
        const [x, w] = [noise([...xShape], 1), noise([...wShape], 2)];
        const [x2, w2] = [noise([...xShape], 3), noise([...wShape], 4)];
        const dy = noise(f(x, w).shape, 5);
        const [dx, dw] = grads(f)([x, w], dy);
        // f is linear in either argument, so dx and dw must give the same sums as f in any direction.
        expect(dot(dx!, x2)).toBeCloseTo(dot(dy, f(x2, w)), 2);
        expect(dot(dw!, w2)).toBeCloseTo(dot(dy, f(x, w2)), 2);
        expect(dx!.shape).toEqual(x.shape);
        expect(dw!.shape).toEqual(w.shape);
      });
      expect(memory().numTensors).toBe(before);
    });

    test('conv2d can be differentiated twice, each gradient by both arguments', () => {
      tidy(() => {
        const [x, w] = [noise([1, 9, 8, 2], 1), noise([3, 2, 2, 3], 2)];
        const [v, u] = [noise(x.shape, 3), noise(w.shape, 4)];
        const dy = noise(convolve(x, w).shape, 5);
        // <dy, f(x, w)>: the derivative by x along v, then by w along u, is <dy, f(v, u)>, in either order.
        const expected = dot(dy, convolve(v, u));
        const alongV = (w: Tensor) => sum(mul(grad((x: Tensor) => convolve(x, w))(x, dy), v));
        const alongU = (x: Tensor) => sum(mul(grad((w: Tensor) => convolve(x, w))(w, dy), u));
        expect(dot(grad(alongV)(w), u)).toBeCloseTo(expected, 2);
        expect(dot(grad(alongU)(x), v)).toBeCloseTo(expected, 2);
      });
    });
  });

  test('conv2dTranspose has the gradients of its adjoint', () => {
    tidy(() => {
      const [x, w] = [noise([2, 4, 5, 3], 1), noise([3, 3, 4, 3], 2)];
      const f = (x: Tensor, w: Tensor) =>
        conv2dTranspose(x as Tensor4D, w as Tensor4D, [2, 8, 10, 4], 2, 'same') as Tensor;
      const dy = noise([2, 8, 10, 4], 3);
      const [dx, dw] = grads(f)([x, w], dy);
      const [v, u] = [noise(x.shape, 4), noise(w.shape, 5)];
      expect(dot(dx!, v)).toBeCloseTo(dot(dy, f(v, w)), 2);
      expect(dot(dw!, u)).toBeCloseTo(dot(dy, f(x, u)), 2);
    });
  });

  test('maximum, minimum and squaredDifference broadcast either side', () => {
    tidy(() => {
      const a = tensor([1, 5, -2, 4, 0, 9], [2, 3]);
      const b = tensor([2, 3, -4]);
      const dy = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
      const both = (f: (a: Tensor, b: Tensor) => Tensor) => grads(f)([a, b], dy).map(values);
      expect(both(maximum)).toEqual([
        [0, 2, 3, 4, 0, 6],
        [1, 5, 0],
      ]);
      expect(both(minimum)).toEqual([
        [1, 0, 0, 0, 5, 0],
        [4, 2, 9],
      ]);
      expect(both(squaredDifference)).toEqual([
        [-2, 8, 12, 16, -30, 156],
        [-14, 22, -168],
      ]);
      const column = tensor([3, 1], [2, 1]);
      const [, dc] = grads(maximum)([a, column], dy);
      expect(dc!.shape).toEqual([2, 1]);
      expect(values(dc!)).toEqual([4, 5]);
    });
  });

  test('matMul broadcasts its batches', () => {
    tidy(() => {
      const [a, b] = [noise([5, 3, 4], 1), noise([4, 6], 2)];
      const dy = noise([5, 3, 6], 3);
      const [v, u] = [noise(a.shape, 4), noise(b.shape, 5)];
      const [da, db] = grads((a: Tensor, b: Tensor): Tensor => matMul(a, b))([a, b], dy);
      expect(da!.shape).toEqual(a.shape);
      expect(db!.shape).toEqual(b.shape);
      expect(dot(da!, v)).toBeCloseTo(dot(dy, matMul(v, b)), 3);
      expect(dot(db!, u)).toBeCloseTo(dot(dy, matMul(a, u)), 3);
    });
  });

  test.each([
    [false, true],
    [true, false],
    [true, true],
  ])('matMul has its gradients with transposeA %s and transposeB %s', (transposeA, transposeB) => {
    tidy(() => {
      const [a, b] = [noise(transposeA ? [4, 3] : [3, 4], 1), noise(transposeB ? [6, 4] : [4, 6], 2)];
      const f = (a: Tensor, b: Tensor): Tensor => matMul(a, b, transposeA, transposeB);
      const dy = noise([3, 6], 3);
      const [v, u] = [noise(a.shape, 4), noise(b.shape, 5)];
      const [da, db] = grads(f)([a, b], dy);
      expect(dot(da!, v)).toBeCloseTo(dot(dy, f(v, b)), 3);
      expect(dot(db!, u)).toBeCloseTo(dot(dy, f(a, u)), 3);
    });
  });

  test.each([
    ['greater', (x: Tensor) => greater(x, 1)],
    ['less of two that depend on x', (x: Tensor) => less(mul(x, 2), add(x, 1))],
    ['lessEqual, broadcast', (x: Tensor) => lessEqual(x, sum(x))],
    ['equal or not', (x: Tensor) => logicalOr(equal(x, 1), notEqual(x, 2))],
    ['and, not', (x: Tensor) => logicalAnd(greater(x, 0), logicalNot(greater(x, 2)))],
    ['isNaN', (x: Tensor) => isNan(x)],
  ])('where on %s lets the gradient through the chosen side alone', (_, condition) => {
    const before = memory().numTensors;
    tidy(() => {
      const x = tensor([-1, 0.5, 1.5, 3]);
      const chosen = values(condition(x));
      const dx = grad((x: Tensor) => where(condition(x), mul(x, 3), mul(x, x)))(x);
      const expected = values(x).map((v, i) => (chosen[i] ? 3 : 2 * v));
      expectClose(dx, { shape: [4], data: expected }, 1e-6);
    });
    expect(memory().numTensors).toBe(before);
  });

  test('conditions of integers are differentiated through too', () => {
    tidy(() => {
      const steps = tensor([0, 1, 2, 3], [4], 'int32');
      const x = tensor([1, 2, 3, 4]);
      const dx = grad((x: Tensor) => where(less(steps, 2), log(x), div(x, 2)))(x);
      expectClose(dx, { shape: [4], data: [1, 0.5, 0.5, 0.5] }, 1e-6);
    });
  });
});
