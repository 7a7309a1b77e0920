import { ConfigError, key, NumericsError, ShapeError } from '@dl/core';
import { readOracle } from '@dl/testing';
import { expect, test } from 'vitest';
import { affiliation } from './affiliation';
import { pointAdjustedF1 } from './point-adjusted-f1';
import { rangeF1 } from './range-f1';
import { volumeUnderSurface } from './volume-under-surface';

type Metrics = Record<'VUS_ROC' | 'VUS_PR' | 'PA_F1_best', number>;
interface Golden {
  vus_window: number;
  vus_thresholds: number;
  series: Record<string, { y: number[]; detectors: Record<string, { score?: number[]; metrics: Metrics }> }>;
  random_scores_on_long_segments: { n: number; segments: [number, number][]; mean_of_5: Metrics };
}
const golden = readOracle('sklearn', 'timeseries') as unknown as Golden;
const options = { window: golden.vus_window, thresholds: golden.vus_thresholds };

test.each(Object.entries(golden.series))("TSB-AD's figures for golden scores: %s", (_, { y, detectors }) => {
  let compared = 0;
  for (const { score, metrics } of Object.values(detectors)) {
    if (score === undefined) continue;
    compared++;
    const { vusROC, vusPR } = volumeUnderSurface(score, y, options);
    expect(Math.abs(vusROC - metrics.VUS_ROC)).toBeLessThan(5e-3);
    expect(Math.abs(vusPR - metrics.VUS_PR)).toBeLessThan(5e-3);
    // TSB-AD looks at some thresholds only
    expect(pointAdjustedF1(score, y, { draws: 1 }).f1).toBeGreaterThan(metrics.PA_F1_best - 1e-4);
  }
  expect(compared).toBeGreaterThan(0);
});

test('random scores look excellent by point-adjusted F1', () => {
  const { n, segments, mean_of_5 } = golden.random_scores_on_long_segments;
  const truth = new Uint8Array(n);
  for (const [start, end] of segments) truth.fill(1, start, end);
  const { f1, random } = pointAdjustedF1(key(7).uniform(n), truth);
  expect(Math.abs(random - mean_of_5.PA_F1_best)).toBeLessThan(0.03);
  expect(f1).toBeGreaterThan(0.9);
});

test('point-adjusted F1 by hand', () => {
  // At threshold 0.9: one alarm, which finds all three. At 0.5: one false alarm more.
  expect(pointAdjustedF1([0, 0.9, 0.1, 0.2, 0], [0, 1, 1, 1, 0]).f1).toBe(1);
  expect(pointAdjustedF1([0.95, 0.9, 0.1, 0.2, 0], [0, 1, 1, 1, 0]).f1).toBeCloseTo(6 / 7, 15);
});

test('volumes: perfect scores, and no tolerance', () => {
  const truth = [0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
  const exact = volumeUnderSurface(truth, truth, { window: 0, thresholds: 10 });
  expect(exact.vusROC).toBe(1);
  expect(exact.vusPR).toBe(1);
  const late = truth.map((_, t) => truth[t - 2] ?? 0);
  const strict = volumeUnderSurface(late, truth, { window: 0, thresholds: 10 });
  const kind = volumeUnderSurface(late, truth, { window: 6, thresholds: 10 });
  expect(kind.vusPR).toBeGreaterThan(strict.vusPR);
});

test('range-based precision and recall by hand', () => {
  // anomalies [2, 6) and [8, 10); alarms [1, 4), [5, 6) and [12, 13)
  const truth = [0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0];
  const alarms = [0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1];
  const { precision, recall, f1 } = rangeF1(alarms, truth);
  expect(precision).toBeCloseTo((2 / 3 + 1 + 0) / 3, 15);
  expect(recall).toBeCloseTo((3 / 4 / 2 + 0) / 2, 15);
  expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 15);
  expect(rangeF1(alarms, truth, { cardinality: 'one', existence: 0.5 }).recall).toBeCloseTo((0.5 + 0.375) / 2, 15);
  expect(rangeF1(alarms, truth, { bias: 'front', cardinality: 'one' }).recall).toBeCloseTo((4 + 3 + 1) / 10 / 2, 15);
  expect(rangeF1(alarms, truth, { bias: 'back', cardinality: 'one' }).recall).toBeCloseTo((1 + 2 + 4) / 10 / 2, 15);
  expect(rangeF1(alarms, truth, { bias: 'middle', cardinality: 'one' }).recall).toBeCloseTo((1 + 2 + 1) / 6 / 2, 15);
});

/** Affiliation by its definition, on a grid of `steps` points a time. */
function byDefinition(alarms: number[], truth: number[], steps: number) {
  const n = truth.length;
  const grid = Array.from({ length: n * steps }, (_, i) => (i + 0.5) / steps);
  const at = (marks: number[]) => grid.filter((x) => marks[Math.floor(x)] === 1);
  const groups: number[][] = [];
  for (const x of at(truth)) {
    if (groups.length > 0 && x - groups.at(-1)!.at(-1)! < 1.5 / steps) groups.at(-1)!.push(x);
    else groups.push([x]);
  }
  const nearest = (x: number, set: number[]) => Math.min(...set.map((y) => Math.abs(x - y)));
  const [precisions, recalls]: [number[], number[]] = [[], []];
  for (const [j, group] of groups.entries()) {
    const left = j === 0 ? 0 : (groups[j - 1]!.at(-1)! + group[0]!) / 2;
    const right = j === groups.length - 1 ? n : (group.at(-1)! + groups[j + 1]![0]!) / 2;
    const zone = grid.filter((x) => x > left && x < right);
    const inZone = at(alarms).filter((x) => x > left && x < right);
    if (inZone.length === 0) {
      recalls.push(0);
      continue;
    }
    const share = (of: (t: number) => number, d: number) => zone.filter((t) => of(t) >= d - 1e-9).length / zone.length;
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    precisions.push(mean(inZone.map((x) => share((t) => nearest(t, group), nearest(x, group)))));
    recalls.push(mean(group.map((y) => share((t) => Math.abs(t - y), nearest(y, inZone)))));
  }
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return { precision: mean(precisions), recall: mean(recalls) };
}

test.each([
  [
    [0, 0, 1, 0, 0, 0, 1, 1, 0, 0],
    [0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
  ],
  [
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 1],
    [0, 0, 1, 1, 1, 1, 1, 0, 0, 0],
  ],
  [
    [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0],
  ],
])('affiliation by its definition: %j', (alarms, truth) => {
  const exact = affiliation(alarms, truth);
  const near = byDefinition(alarms, truth, 30);
  expect(Math.abs(exact.precision - near.precision)).toBeLessThan(0.02);
  expect(Math.abs(exact.recall - near.recall)).toBeLessThan(0.02);
});

test('affiliation: all right, by hand, and nothing at all', () => {
  expect(affiliation([0, 1, 1, 0], [0, 1, 1, 0])).toEqual({ precision: 1, recall: 1, f1: 1 });
  // Zone [0, 4), anomaly [1, 2), alarm [2, 3): distances d from 0 to 1; of the zone, 1 - d and 2 - d are no nearer.
  expect(affiliation([0, 0, 1, 0], [0, 1, 0, 0]).precision).toBeCloseTo((1 / 2 + 3 / 2) / 4, 14);
  expect(affiliation([0, 0, 0], [0, 1, 0]).precision).toBeNaN();
  expect(affiliation([0, 0, 0], [0, 1, 0]).recall).toBe(0);
});

test('bad input', () => {
  expect(() => volumeUnderSurface([1, 2], [1])).toThrow(ShapeError);
  expect(() => volumeUnderSurface([1, Number.NaN], [1, 0])).toThrow(NumericsError);
  expect(() => volumeUnderSurface([1, 2], [1, 0], { window: -1 })).toThrow(ConfigError);
  expect(() => rangeF1([1, 2], [1, 0])).toThrow(/time 1 is marked 2/);
  expect(() => rangeF1([1], [1], { existence: 2 })).toThrow(ConfigError);
  expect(() => pointAdjustedF1([1], [1], { draws: 0 })).toThrow(ConfigError);
  expect(volumeUnderSurface([1, 2], [0, 0]).vusPR).toBeNaN();
});
