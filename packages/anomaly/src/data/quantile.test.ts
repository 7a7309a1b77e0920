import { expect, test } from 'vitest';
import { expectNear, unit } from '../../test/oracle';
import { median, percentile } from './quantile';

test("numpy's percentiles", () => {
  const { x, q, value } = unit<{ x: number[]; q: number[]; value: number[] }>('percentile_linear');
  expectNear(
    q.map((at) => percentile(x, at)),
    value,
    1e-12,
  );
});

test('ends and single values', () => {
  expect(percentile([3, 1, 2], 0)).toBe(1);
  expect(percentile([3, 1, 2], 100)).toBe(3);
  expect(percentile([7], 31)).toBe(7);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
