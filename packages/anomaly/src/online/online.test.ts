import { key, NumericsError, ShapeError } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { ParameterError } from '../errors';
import * as online from '.';

const calm = Array.from(key(1).normal([2000]));

describe.each([
  { name: 'EWMA', make: () => new online.EWMA() },
  { name: 'CUSUM', make: () => new online.CUSUM() },
])('$name', ({ make }) => {
  test('a lasting shift of one deviation is found within 60 values, and seldom where there is none', () => {
    const chart = make();
    const alarms = calm.slice(0, 300).filter((value) => chart.update(value).label === -1).length;
    expect(alarms).toBeLessThan(6);
    expect(calm.slice(300, 360).some((value) => chart.update(value + 1).label === -1)).toBe(true);
  });

  test('nothing is judged in the warm-up, and no value but a number is taken', () => {
    const chart = make();
    for (const value of calm.slice(0, 50)) expect(chart.update(value)).toEqual({ score: Number.NaN, label: 1 });
    expect(chart.update(0).score).not.toBeNaN();
    expect(() => chart.update(Number.NaN)).toThrow(NumericsError);
  });

  test('after a constant warm-up any other value is an outlier', () => {
    const chart = make();
    for (let t = 0; t < 60; t++) expect(chart.update(3).label).toBe(1);
    expect(chart.update(3.1)).toEqual({ score: Number.NEGATIVE_INFINITY, label: -1 });
  });
});

test('the statistics are those of the formulas', () => {
  const [ewma, cusum] = [new online.EWMA({ warmUp: 2, lambda: 0.5 }), new online.CUSUM({ warmUp: 2, drift: 0.5 })];
  const deviation = Math.SQRT2; // of -1 and 1
  for (const chart of [ewma, cusum]) for (const value of [-1, 1]) chart.update(value);
  const [z1, z2] = [2 / deviation, -1 / deviation];
  expect(ewma.update(2).score).toBeCloseTo(-(0.5 * z1) / Math.sqrt((0.5 / 1.5) * (1 - 0.25)), 12);
  expect(ewma.update(-1).score).toBeCloseTo(
    -Math.abs(0.5 * z2 + 0.25 * z1) / Math.sqrt((0.5 / 1.5) * (1 - 0.0625)),
    12,
  );
  expect(cusum.update(2).score).toBeCloseTo(-(z1 - 0.5), 12);
  expect(cusum.update(-1).score).toBeCloseTo(-Math.max(0, z1 - 0.5 + z2 - 0.5, -z2 - 0.5), 12);
});

test('SPOT puts its threshold where the tail says, learns no outlier, and follows peaks', () => {
  const values = Array.from(key(2).uniform([6000]), (u) => -Math.log(1 - u)); // exponential: the quantile is -ln(risk)
  const spot = new online.SPOT({ risk: 1e-3, warmUp: 4000 });
  expect(spot.threshold).toBeNaN();
  let alarms = 0;
  for (const value of values) if (spot.update(value).label === -1) alarms++;
  expect(spot.threshold).toBeGreaterThan(6);
  expect(spot.threshold).toBeLessThan(8);
  expect(alarms).toBeLessThan(10);
  const before = spot.threshold;
  const verdict = spot.update(before + 1);
  expect(verdict.label).toBe(-1);
  expect(verdict.score).toBeLessThan(-1);
  expect(spot.threshold).toBe(before);
  expect(spot.update(before - 0.01).label).toBe(1);
  expect(spot.threshold).toBeGreaterThan(before);
});

test('SPOT of a constant stream takes anything larger for an outlier', () => {
  const spot = new online.SPOT({ warmUp: 100 });
  for (let t = 0; t < 150; t++) expect(spot.update(5).label).toBe(1);
  expect(spot.update(5.5).label).toBe(-1);
});

test('DSPOT follows a drift in which SPOT cries wolf', () => {
  const drifting = calm.map((value, t) => value + t / 100);
  const [spot, dspot] = [new online.SPOT({ warmUp: 500 }), new online.DSPOT({ warmUp: 500 })];
  const alarms = (of: online.OnlineDetector) => drifting.filter((value) => of.update(value).label === -1).length;
  expect(alarms(spot)).toBeGreaterThan(100);
  expect(alarms(dspot)).toBeLessThan(10);
  expect(dspot.update(drifting.at(-1)! + 15).label).toBe(-1);
  expect(dspot.update(20).label).toBe(1);
});

test('half-space trees score odd rows low, are drawn by their key, and forget what is two windows old', () => {
  const make = (seed = 0) => new online.HalfSpaceTrees({ window: 100, key: key(seed) });
  const rows = Array.from({ length: 500 }, (_, i) => [calm[2 * i]!, calm[2 * i + 1]!]);
  const trees = make();
  const scores = rows.map((row) => trees.update(row));
  expect(scores.slice(0, 100).every(Number.isNaN)).toBe(true);
  const judged = scores.slice(100);
  expect(judged.every((score) => score >= 0)).toBe(true);
  const middle = judged.slice().sort((a, b) => a - b)[200]!;
  expect(trees.update([7, -7])).toBeLessThan(middle / 4);
  const again = make();
  expect(rows.map((row) => again.update(row))).toEqual(scores);
  const other = make(1);
  expect(rows.map((row) => other.update(row))).not.toEqual(scores);
  const moved = make();
  for (const row of rows) moved.update(row);
  for (const [x, y] of rows.slice(0, 200)) moved.update([x! + 4, y! + 4]);
  expect(moved.update([4, 4])).toBeGreaterThan(moved.update([0, 0]));
  expect(() => trees.update([1])).toThrow(ShapeError);
  expect(() => trees.update([1, Number.NaN])).toThrow(NumericsError);
});

test('options out of range are refused', () => {
  expect(() => new online.EWMA({ lambda: 0 })).toThrow(ParameterError);
  expect(() => new online.CUSUM({ drift: -1 })).toThrow(ParameterError);
  expect(() => new online.SPOT({ warmUp: 10 })).toThrow(ParameterError);
  expect(() => new online.DSPOT({ depth: 0 })).toThrow(ParameterError);
  expect(() => new online.HalfSpaceTrees({ depth: 30 })).toThrow('an int in the range [1, 16]');
});
