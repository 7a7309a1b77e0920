import { key } from '@dl/core';
import { grads, type Tensor, tensor, tidy, withComposedOps } from '@dl/core/ops';
import { expectClose, onBackends } from '@dl/testing';
import { test } from 'vitest';
import { conv2d } from './conv-2d';

const numbers = (name: string, shape: number[]) => tensor(key(0).child(name).normal(shape), shape);

onBackends(['wasm'], () => {
  // Rows shorter and longer than the four outputs and four channels that the kernel takes at a time.
  test.each([
    { image: [2, 3, 3, 4], kernel: [3, 3], options: { padding: 'same' as const } },
    { image: [1, 5, 6, 8], kernel: [3, 3], options: { padding: 'valid' as const } },
    { image: [2, 7, 13, 12], kernel: [3, 3], options: { padding: [0, 2, 2, 0] as const } },
    { image: [1, 9, 11, 8], kernel: [5, 3], options: { padding: 'same' as const } },
    { image: [1, 9, 11, 20], kernel: [2, 3], options: { padding: 2 } },
    { image: [1, 9, 11, 8], kernel: [3, 3], options: { padding: 1, stride: 2 } },
  ])('depthwise convolution of $image by $kernel is its composed form', ({ image, kernel, options }) => {
    tidy(() => {
      const channels = image[3]!;
      const inputs = [numbers('x', image), numbers('w', [...kernel, 1, channels]), numbers('b', [channels])];
      const f = (x: Tensor, w: Tensor, b: Tensor) => conv2d(x, w, b, { ...options, groups: channels });
      const all = () => {
        const y = f(inputs[0]!, inputs[1]!, inputs[2]!);
        return [y, ...grads(f)(inputs, numbers('dy', y.shape))];
      };
      const expected = withComposedOps(all);
      for (const [i, actual] of all().entries()) expectClose(actual, expected[i]!, 1e-4);
    });
  });
});
