import { init } from '@dl/core';
import { memory } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { checkAt, flowOf } from './compute';

beforeAll(async () => {
  await init();
});

test('the graph gives the sigmoid, and y (1 - y) flows back to x', () => {
  const before = memory().numTensors;
  for (const x of [-4, -1, 0, 0.5, 3]) {
    const { forward, backward, local } = flowOf(x, 2);
    const y = 1 / (1 + Math.exp(-x));
    expect(forward).toHaveLength(5);
    expect(forward[4]).toBeCloseTo(y, 5);
    expect(backward[4]).toBeCloseTo(2, 6);
    expect(backward[0]).toBeCloseTo(2 * y * (1 - y), 5);
    for (const [i, slope] of local.entries()) expect(backward[i]).toBeCloseTo(slope * backward[i + 1]!, 4);
  }
  expect(memory().numTensors).toBe(before);
});

test('finite differences agree', () => {
  for (const x of [-5, -1, 0, 2, 5]) {
    const { analytic, numerical, ok } = checkAt(x);
    expect(ok).toBe(true);
    expect(Math.abs(analytic - numerical)).toBeLessThan(1e-3 * Math.abs(analytic) + 1e-4);
  }
});
