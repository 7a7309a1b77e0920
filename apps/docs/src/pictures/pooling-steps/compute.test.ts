import { init } from '@dl/core';
import { memory } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { inputOf, pool, SIDE, sizeOf } from './compute';

beforeAll(async () => {
  await init();
});

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

test('max pooling gives the largest of each window, and the gradient goes to its place alone', () => {
  const before = memory().numTensors;
  const input = inputOf(1);
  const windows = { kernel: 2, stride: 2 };
  const { output, gradient } = pool('max', input, windows, new Array(9).fill(1));
  for (const [i, value] of output.entries()) {
    const [row, column] = [2 * Math.floor(i / 3), 2 * (i % 3)];
    const places = [0, 1, SIDE, SIDE + 1].map((at) => row * SIDE + column + at);
    const largest = Math.max(...places.map((at) => input[at]!));
    expect(value).toBe(largest);
    const first = places.find((at) => input[at] === largest)!;
    for (const at of places) expect(gradient[at]).toBe(at === first ? 1 : 0);
  }
  expect(memory().numTensors).toBe(before);
});

test('average pooling spreads the gradient evenly; in windows that overlap it adds up', () => {
  const windows = { kernel: 3, stride: 1 };
  const size = sizeOf(windows);
  const { output, gradient } = pool('average', inputOf(2), windows, new Array(size * size).fill(1));
  expect(output).toHaveLength(16);
  expect(gradient[0]).toBeCloseTo(1 / 9, 6);
  expect(gradient[2 * SIDE + 2]).toBeCloseTo(1, 6); // in nine windows
  expect(sum(gradient)).toBeCloseTo(16, 4);
});
