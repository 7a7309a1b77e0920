import { key, ShapeError } from '@dl/core';
import { grads, type Tensor, tensor, tidy } from '@dl/core/ops';
import { expectClose, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { conv2d, conv2dInput, conv2dWeight } from './index';

const numbers = (name: string, shape: number[]) => tensor(key(0).child(name).normal(shape), shape);

onBackends(['wasm', 'cpu'], () => {
  test.each([
    { x: [2, 9, 8, 4], w: [3, 2, 2, 6], options: { stride: 2, padding: 1, groups: 2 } },
    { x: [3, 14, 14, 16], w: [5, 5, 16, 20], options: { padding: 'same' as const } },
    { x: [2, 7, 7, 3], w: [3, 3, 1, 3], options: { dilation: 2, groups: 3 } },
  ])('are the gradients that the tape gives, and have gradients themselves: $x * $w', ({ x, w, options }) => {
    tidy(() => {
      const [image, weight] = [numbers('x', x), numbers('w', w)];
      const dy = numbers('dy', conv2d(image, weight, undefined, options).shape);
      const f = (x: Tensor, w: Tensor) => conv2d(x, w, undefined, options);
      const [dx, dw] = grads(f)([image, weight], dy);
      expectClose(conv2dInput(x, weight, dy, options), dx!, 1e-4);
      expectClose(conv2dWeight(image, w, dy, options), dw!, 1e-3);
      // They are linear: the gradient by dy of <dw, v> is the convolution with v.
      const v = numbers('v', w);
      const [, back] = grads((x: Tensor, dy: Tensor) => conv2dWeight(x, w, dy, options))([image, dy], v);
      expectClose(back!, f(image, v), 1e-3);
    });
  });

  test('refuse a gradient of another shape', () => {
    expect(() => conv2dWeight(numbers('x', [1, 5, 5, 1]), [3, 3, 1, 2], numbers('dy', [1, 4, 4, 2]))).toThrow(
      ShapeError,
    );
  });
});
