import { ConfigError, key } from '@dl/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { dataSets, expectNear, unit } from '../../test/oracle';
import * as novelty from '../novelty';
import * as outlier from '../outlier';
import { regularisedBeta } from '../statistics/beta';
import { benjaminiHochberg } from './benjamini-hochberg';
import { confidence } from './confidence';
import { fitGeneralizedPareto, tailProbability, tailQuantile } from './generalized-pareto';
import { PeaksOverThreshold } from './peaks-over-threshold';
import { SplitConformal } from './split-conformal';
import { withContamination } from './with-contamination';

afterEach(() => void vi.restoreAllMocks());

const warnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

interface Golden {
  cal_scores: number[];
  test_scores: number[];
  p_values: number[];
  alpha: number;
  bh_rejected_idx: number[];
}

describe.each(dataSets().map((set) => [set.name, set.novelty] as const))('%s', (_, task) => {
  const golden = task.block<Golden>('split_conformal_knn5');

  test.skipIf(golden === undefined)('split conformal p-values and what is rejected', () => {
    warnings();
    const { cal_scores, test_scores, p_values, alpha, bh_rejected_idx } = golden!;
    const half = Math.floor(task.train.length / 2);
    const detector = new novelty.KNearestNeighbors().fit(task.train.slice(0, half));
    const calibration = task.train.slice(half);
    expectNear(
      detector.scoreSamples(calibration).map((s) => -s),
      cal_scores,
      1e-9,
      1e-6,
    );
    const conformal = new SplitConformal(detector, calibration);
    expectNear(
      detector.scoreSamples(task.test).map((s) => -s),
      test_scores,
      1e-9,
      1e-6,
    );
    const p = conformal.pValue(task.test);
    p.forEach((value, i) => void expect(value).toBeCloseTo(p_values[i]!, 11));
    const labels = [...conformal.predict(task.test, { alpha })];
    expect(labels.flatMap((label, i) => (label === -1 ? [i] : []))).toEqual(bh_rejected_idx);
    // Each row for itself: the threshold says what the p-values say.
    for (const level of [alpha, 0.05, 0.31]) {
      const alone = Array.from(p, (value) => (value <= level ? -1 : 1));
      expect([...conformal.predict(task.test, { alpha: level, correction: 'none' })]).toEqual(alone);
      expect([...conformal.detectorAt(level).predict(task.test)]).toEqual(alone);
    }
  });
});

test('Benjamini-Hochberg', () => {
  const { p, alpha, rejected } = unit<{ p: number[]; alpha: number[]; rejected: number[][] }>('benjamini_hochberg');
  alpha.forEach((level, i) => {
    const flags = [...benjaminiHochberg(p, level)];
    expect(flags.flatMap((flag, at) => (flag === 1 ? [at] : []))).toEqual(rejected[i]);
  });
  expect([...benjaminiHochberg([], 0.1)]).toEqual([]);
  expect(() => benjaminiHochberg([0.1, 1.5], 0.1)).toThrow(/p-value 1 is 1.5/);
  expect(() => benjaminiHochberg([0.1], 1)).toThrow(ConfigError);
});

test('a calibration set that is too small gives a warning, one that is not gives none', () => {
  const warned = warnings();
  const rows = Array.from({ length: 240 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
  const detector = new novelty.KNearestNeighbors().fit(rows.slice(0, 40));
  const far = Array.from({ length: 20 }, (_, i) => [100 + i, 0]);
  new SplitConformal(detector, rows.slice(40, 240)).predict([...rows.slice(0, 40), ...far]);
  expect(warned).not.toHaveBeenCalled();
  const few = new SplitConformal(detector, rows.slice(40, 45));
  expect([...few.predict(far, { alpha: 0.1 })]).not.toContain(-1);
  expect(warned).toHaveBeenCalledOnce();
  expect(String(warned.mock.calls[0]![0])).toMatch(/5 calibration rows give no p-value below 0\.167.*at least 99/);
  expect([...few.detectorAt(0.1).predict(far)]).not.toContain(-1);
  expect(warned).toHaveBeenCalledTimes(2);
  expect(() => few.predict(far, { alpha: 0 })).toThrow(ConfigError);
  expect(() => few.predict(far, { expected: 2 })).toThrow(ConfigError);
});

describe('generalised Pareto', () => {
  test.each([
    { shape: 0.3, scale: 2 },
    { shape: -0.4, scale: 1e-3 },
    { shape: 0, scale: 50 },
  ])('found again from a sample: %o', (truth) => {
    const sample = key(1)
      .uniform(4000)
      .map((u) => tailQuantile(truth, Math.max(u, 1e-7)));
    const fitted = fitGeneralizedPareto(sample);
    expect(Math.abs(fitted.shape - truth.shape)).toBeLessThan(0.06);
    expect(Math.abs(fitted.scale / truth.scale - 1)).toBeLessThan(0.08);
    expect(tailProbability(truth, tailQuantile(truth, 0.01))).toBeCloseTo(0.01, 12);
  });

  test('no small change makes the sample more likely', () => {
    const sample = Float64Array.from(key(2).uniform(60), (u) =>
      tailQuantile({ shape: 0.2, scale: 1 }, Math.max(u, 1e-7)),
    );
    const likelihood = (shape: number, scale: number) =>
      sample.reduce((sum, x) => sum - Math.log(scale) - (1 + 1 / shape) * Math.log1p((shape * x) / scale), 0);
    const { shape, scale } = fitGeneralizedPareto(sample);
    const most = likelihood(shape, scale);
    for (const [a, b] of [
      [1e-4, 0],
      [-1e-4, 0],
      [0, 1e-4],
      [0, -1e-4],
    ]) {
      expect(likelihood(shape + a!, scale * (1 + b!))).toBeLessThanOrEqual(most);
    }
  });

  test('the end of a bounded tail, equal excesses and one alone', () => {
    expect(tailProbability({ shape: -0.5, scale: 1 }, 2)).toBe(0);
    for (const sample of [[3], [2, 2, 2]]) {
      const fitted = fitGeneralizedPareto(sample);
      expect(Number.isFinite(fitted.shape) && fitted.scale > 0).toBe(true);
    }
  });
});

describe('peaks over threshold', () => {
  const normal = (seed: number, count: number) => ({ data: key(seed).normal(2 * count), shape: [count, 2] });

  test('alarms of new normal rows come as often as asked for, beyond what was seen', () => {
    const detector = new novelty.Mahalanobis().fit(normal(0, 2000));
    const tail = new PeaksOverThreshold(detector);
    const rows = normal(7, 50_000);
    for (const q of [1e-2, 1e-3]) {
      const alarms =
        tail
          .detectorAt(q)
          .predict(rows)
          .filter((label) => label === -1).length / 50_000;
      expect(alarms).toBeGreaterThan(q / 2);
      expect(alarms).toBeLessThan(q * 2);
    }
    const rare = tail.offsetAt(1e-6);
    expect(rare).toBeLessThan(Math.min(...detector.knowledge.trainingScores()));
    expect(tail.pValueOfScores([rare])[0]).toBeCloseTo(1e-6, 12);
  });

  test('p-values fall with the score, and count where the tail does not begin', () => {
    const detector = new outlier.IsolationForest({ nEstimators: 10 });
    detector.fitPredict(normal(1, 300));
    const tail = new PeaksOverThreshold(detector, { level: 0.9 });
    const sorted = detector.scores.slice().sort();
    const p = tail.pValueOfScores(sorted);
    for (let i = 1; i < p.length; i++) expect(p[i]!).toBeGreaterThanOrEqual(p[i - 1]! - 1e-12);
    expect(p.at(-1)).toBe(1);
    expect(() => tail.offsetAt(0.2)).toThrow(/tail holds the share 0\.1/);
    expect(() => new PeaksOverThreshold(detector, { level: 0.99 })).toThrow(/of 300 training scores/);
    expect(() => new PeaksOverThreshold(detector, { level: 1 })).toThrow(ConfigError);
  });
});

test('another contamination gives what a fit with it gives', () => {
  const rows = Array.from({ length: 50 }, (_, i) => [Math.sin(i) * i, i % 7]);
  const fitted = (contamination: number) => new novelty.HBOS({ contamination }).fit(rows);
  const changed = withContamination(fitted(0.1), 0.27);
  expect(changed.offset).toBe(fitted(0.27).offset);
  expect(() => withContamination(changed, 0.6)).toThrow(ConfigError);
  expect(() => withContamination(changed, 'auto')).toThrow(/no paper/);
  const forest = new outlier.LocalOutlierFactor({ contamination: 0.2, nNeighbors: 5 });
  forest.fitPredict(rows);
  expect(withContamination(forest, 'auto').offset).toBe(-1.5);
});

describe('confidence', () => {
  test('the binomial probability, summed up', () => {
    const [n, p] = [23, 0.3];
    let [term, below] = [(1 - p) ** n, 0];
    for (let j = 0; j < n; j++) {
      below += term;
      term *= (((n - j) / (j + 1)) * p) / (1 - p);
      expect(regularisedBeta(j + 1, n - j, p)).toBeCloseTo(1 - below, 12);
    }
    expect(regularisedBeta(9000, 1001, 0.9)).toBeGreaterThan(0.4);
    expect([regularisedBeta(2, 3, 0), regularisedBeta(2, 3, 1)]).toEqual([0, 1]);
  });

  test('least at the threshold, near 1 far from it', () => {
    const rows = Array.from({ length: 200 }, (_, i) => [((i * 7919) % 1000) / 1000]);
    const detector = new novelty.Mahalanobis({ contamination: 0.1 }).fit(rows);
    const { offset } = detector;
    const [far, just, inside] = confidence(detector, [offset - 50, offset, 0]);
    expect(far!).toBeGreaterThan(0.99);
    expect(inside!).toBeGreaterThan(0.99);
    expect(Math.abs(just! - 0.5)).toBeLessThan(0.2);
    // No training row below the threshold: then no row is expected there.
    expect([...confidence(detector.withOffset(-1e9), [0])]).toEqual([1]);
  });
});

test('a row that was not judged, for a hole in it, has no p-value, no confidence and the label 0', () => {
  const rows = Array.from({ length: 200 }, (_, i) => [Math.sin(i * i), i % 7 === 0 ? Number.NaN : Math.cos(i)]);
  const detector = new novelty.Mahalanobis({ missing: 'skip' }).fit(rows.slice(0, 100));
  const queries = [
    [0, 0],
    [0, Number.NaN],
    [90, 90],
  ];
  const conformal = new SplitConformal(detector, rows.slice(100));
  expect(conformal.size).toBe(86);
  expect([...conformal.pValue(queries)].map(Number.isNaN)).toEqual([false, true, false]);
  for (const correction of ['none', 'benjaminiHochberg'] as const) {
    expect([...conformal.predict(queries, { alpha: 0.1, correction })]).toEqual([1, 0, -1]);
  }
  const tail = new PeaksOverThreshold(detector);
  expect([...tail.pValueOfScores(detector.scoreSamples(queries))].map(Number.isNaN)).toEqual([false, true, false]);
  expect([...confidence(detector, detector.scoreSamples(queries))].map(Number.isNaN)).toEqual([false, true, false]);
  expect(withContamination(detector, 0.5).offset).toBeLessThan(0);
});
