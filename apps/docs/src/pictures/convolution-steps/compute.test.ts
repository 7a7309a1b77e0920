import { init } from '@dl/core';
import { memory } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { convolve, imageOf, kernelOf, productsAt, sizeOf } from './compute';

beforeAll(async () => {
  await init();
});

test('the products of each position add up to what the convolution gives there', () => {
  const before = memory().numTensors;
  const image = imageOf('disc');
  for (const steps of [
    { kernel: 3, stride: 1, padding: 1, dilation: 1 },
    { kernel: 2, stride: 2, padding: 0, dilation: 1 },
    { kernel: 3, stride: 3, padding: 2, dilation: 2 },
    { kernel: 5, stride: 1, padding: 0, dilation: 1 },
  ]) {
    const kernel = kernelOf('sharpen', steps.kernel);
    const size = sizeOf(steps);
    const output = convolve(image, kernel, steps);
    expect(output).toHaveLength(size * size);
    for (const [i, value] of output.entries()) {
      const products = productsAt(image, kernel, steps, [Math.floor(i / size), i % size]);
      expect(products.reduce((sum, it) => sum + it.value * it.weight, 0)).toBeCloseTo(value, 4);
    }
  }
  expect(memory().numTensors).toBe(before);
});

test('a kernel that spans more than the padded image fits nowhere', () => {
  expect(sizeOf({ kernel: 5, stride: 1, padding: 0, dilation: 2 })).toBeLessThan(1);
  expect(sizeOf({ kernel: 5, stride: 1, padding: 1, dilation: 2 })).toBe(2);
});

test('kernels that look for change answer nothing on a plain surface; blur keeps it, sharpen too', () => {
  const sum = (name: Parameters<typeof kernelOf>[0], size: number) => kernelOf(name, size).reduce((a, b) => a + b, 0);
  for (const size of [1, 2, 3, 4, 5]) {
    for (const name of ['vertical', 'horizontal', 'outline'] as const) expect(sum(name, size)).toBeCloseTo(0, 10);
    for (const name of ['blur', 'sharpen'] as const) expect(sum(name, size)).toBeCloseTo(1, 10);
  }
  expect(kernelOf('vertical', 3)).toEqual([-1, 0, 1, -1, 0, 1, -1, 0, 1]);
});
