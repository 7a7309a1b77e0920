import { key } from '@dl/anomaly';
import { expect, test } from 'vitest';
import { injectFaults } from './inject-faults';

const season = Float64Array.from({ length: 1000 }, (_, t) => 10 * Math.sin(t / 58));
const clean = season.map((value, t) => value + Math.sin(t * t));

test('one fault of each kind, in the second half alone', () => {
  const { values, truth, faults } = injectFaults(clean, season, 1, key(1));
  expect(faults.map(({ kind }) => kind)).toEqual(['spike', 'drift', 'stuck sensor', 'level shift', 'missing season']);
  for (const [t, value] of values.entries()) {
    const within = faults.some(({ start, end }) => t >= start && t < end);
    expect(truth[t]).toBe(within ? 1 : 0);
    if (!within) expect(value).toBe(clean[t]);
  }
  expect(faults[0]!.start).toBeGreaterThanOrEqual(500);
  const [spike, , stuck] = faults;
  expect(Math.abs(values[spike!.start]! - clean[spike!.start]!)).toBeCloseTo(4, 12);
  expect(new Set(values.subarray(stuck!.start, stuck!.end)).size).toBe(1);
});

test('the same key, the same faults', () => {
  expect(injectFaults(clean, season, 1, key(2))).toEqual(injectFaults(clean, season, 1, key(2)));
  expect(injectFaults(clean, season, 1, key(2)).faults).not.toEqual(injectFaults(clean, season, 1, key(3)).faults);
});
