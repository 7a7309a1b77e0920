import { averagePrecisionScore, ConfigError, NumericsError, rocAucScore, ShapeError } from '@dl/core';
import { readOracle } from '@dl/testing';
import { describe, expect, test } from 'vitest';
import { dataSets, unit } from '../../test/oracle';
import { bestF1 } from './best-f1';
import { precisionAtN } from './precision-at-n';

interface Scored {
  score: number[];
  roc_auc: number;
  ap: number;
  p_at_n: number;
}

const BLOCKS = ['knn5_kth', 'knn20_kth', 'knn20_mean', 'hbos10', 'pyod_ecod', 'pyod_copod'];

describe.each(dataSets().map((set) => [set.name, set] as const))('%s', (_, set) => {
  test.each(['outlier', 'novelty'] as const)("scikit-learn's figures for golden scores, %s task", (name) => {
    const task = set[name];
    let compared = 0;
    for (const block of BLOCKS) {
      const golden = task.block<Scored>(block);
      if (golden === undefined) continue;
      compared++;
      const { score } = golden;
      // Twelve digits make equal what scikit-learn could tell apart: half of such pairs at most were counted otherwise.
      const normal = score.filter((_, i) => task.anomalies[i] === 0);
      const abnormal = score.filter((_, i) => task.anomalies[i] === 1);
      const level = abnormal.reduce((sum, a) => sum + normal.filter((b) => a === b).length, 0);
      const allowed = level / (2 * normal.length * abnormal.length) + 5e-8;
      expect(Math.abs(rocAucScore(score, task.anomalies) - golden.roc_auc)).toBeLessThanOrEqual(allowed);
      if (level > 0) continue;
      expect(averagePrecisionScore(score, task.anomalies)).toBeCloseTo(golden.ap, 7);
      expect(precisionAtN(score, task.anomalies)).toBeCloseTo(golden.p_at_n, 7);
    }
    expect(compared).toBeGreaterThan(0);
  });
});

test('ties', () => {
  const { y, s, roc_auc, ap } = unit<{ y: number[]; s: number[]; roc_auc: number; ap: number }>('roc_auc_ties');
  expect(rocAucScore(s, y)).toBeCloseTo(roc_auc, 11);
  expect(averagePrecisionScore(s, y)).toBeCloseTo(ap, 11);
  expect(precisionAtN([1, 1, 1, 0], [1, 0, 0, 0])).toBeCloseTo(1 / 3, 15);
  expect(precisionAtN([2, 1, 1, 0], [true, true, false, false], 2)).toBe(0.75);
  // All rows of a score are taken together: whatever their order.
  expect(bestF1([1, 1, 0], [0, 1, 0])).toEqual(bestF1([1, 1, 0], [1, 0, 0]));
});

test('best F1 is the maximum over all thresholds', () => {
  const scores = Array.from({ length: 40 }, (_, i) => Math.round(10 * Math.sin(3 * i)));
  const truth = scores.map((s, i) => Number(s + 6 * Math.cos(7 * i) > 6));
  const f1At = (threshold: number) => {
    const hits = scores.filter((s, i) => s >= threshold && truth[i] === 1).length;
    const alarms = scores.filter((s) => s >= threshold).length;
    return (2 * hits) / (alarms + truth.filter(Boolean).length);
  };
  const best = bestF1(scores, truth);
  expect(best.f1).toBeCloseTo(Math.max(...scores.map(f1At)), 14);
  expect(f1At(best.threshold)).toBeCloseTo(best.f1, 14);
  expect((2 * best.precision * best.recall) / (best.precision + best.recall)).toBeCloseTo(best.f1, 14);
});

test('best F1 of golden series', () => {
  const { series } = readOracle('sklearn', 'timeseries') as unknown as {
    series: Record<
      string,
      { y: number[]; detectors: Record<string, { score?: number[]; metrics: { F1_best: number } }> }
    >;
  };
  for (const { y, detectors } of Object.values(series)) {
    for (const { score, metrics } of Object.values(detectors)) {
      if (score) expect(Math.abs(bestF1(score, y).f1 - metrics.F1_best)).toBeLessThan(1e-4);
    }
  }
});

test('no anomaly, and bad input', () => {
  expect(precisionAtN([1, 2], [0, 0])).toBeNaN();
  expect(bestF1([1, 2], [0, 0]).f1).toBeNaN();
  expect(() => precisionAtN([1, 2], [0, 1], 3)).toThrow(ConfigError);
  expect(() => precisionAtN([1, 2], [0, -1])).toThrow(/label 1 is -1/);
  expect(() => bestF1([1, Number.NaN], [0, 1])).toThrow(NumericsError);
  expect(() => bestF1([1], [0, 1])).toThrow(ShapeError);
});
