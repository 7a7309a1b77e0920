import { key } from '@dl/core';
import { grads, type Tensor, type Tensor4D, tensor, conv2d as tfjsConv2d, tidy } from '@dl/core/ops';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { conv2d } from './index';

// What tfjs refuses, on any backend, and what is right here: the values by finite differences of the definition. Its
// kernels that are missing or give wrong results (gradients of convolutions, of max pooling, of dilation) have their tests
// beside what takes their place, in @dl/core.

const numbers = (name: string, shape: number[]) => tensor(key(5).child(name).normal(shape), shape);

/** y[i, j] of one channel, by the definition, without padding. */
function convolve(
  x: ArrayLike<number>,
  size: number,
  w: ArrayLike<number>,
  stride: number,
  dilation: number,
): number[] {
  const out = Math.floor((size - dilation - 1) / stride) + 1; // a kernel of 2 x 2
  return Array.from({ length: out * out }, (_, at) => {
    const [i, j] = [Math.floor(at / out) * stride, (at % out) * stride];
    const pixel = (h: number, k: number) => x[(i + h * dilation) * size + j + k * dilation]! * w[2 * h + k]!;
    return pixel(0, 0) + pixel(0, 1) + pixel(1, 0) + pixel(1, 1);
  });
}

onBackends(['wasm', 'cpu'], () => {
  test('tfjs has no convolution with stride and dilation', () => {
    tidy(() => {
      const [x, w] = [numbers('x', [1, 9, 9, 1]) as Tensor4D, numbers('w', [2, 2, 1, 1]) as Tensor4D];
      expect(() => tfjsConv2d(x, w, 2, 'valid', 'NHWC', 2)).toThrow(/Either strides or dilations must be 1/);
      const expected = convolve(x.dataSync(), 9, w.dataSync(), 2, 2);
      const y = conv2d(x, w, undefined, { stride: 2, dilation: 2 }).dataSync();
      for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 5);
    });
  });

  test.each([1, 2])('the gradients of a convolution with dilation, stride %i', (stride) => {
    tidy(() => {
      const [x, w] = [numbers('x', [1, 9, 9, 1]) as Tensor4D, numbers('w', [2, 2, 1, 1]) as Tensor4D];
      const ours = (x: Tensor, w: Tensor) => conv2d(x, w, undefined, { stride, dilation: 2 });
      const dy = numbers('dy', ours(x, w).shape);
      const [dx, dw] = grads(ours)([x, w], dy);
      const loss = (xs: ArrayLike<number>, ws: ArrayLike<number>) =>
        convolve(xs, 9, ws, stride, 2).reduce((sum, value, i) => sum + value * dy.dataSync()[i]!, 0);
      // Linear in each input: a difference of any width is exact.
      const slope = (values: Float32Array, at: number, f: (values: Float64Array) => number) => {
        const [up, down] = [Float64Array.from(values), Float64Array.from(values)];
        up[at]! += 1;
        down[at]! -= 1;
        return (f(up) - f(down)) / 2;
      };
      const [xs, ws] = [x.dataSync<'float32'>(), w.dataSync<'float32'>()];
      for (const at of xs.keys())
        expect(dx!.dataSync()[at]).toBeCloseTo(
          slope(xs, at, (v) => loss(v, ws)),
          5,
        );
      for (const at of ws.keys())
        expect(dw!.dataSync()[at]).toBeCloseTo(
          slope(ws, at, (v) => loss(xs, v)),
          4,
        );
    });
  });
});
