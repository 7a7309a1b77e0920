import { key, NumericsError, ShapeError } from '@dl/core';
import { readOracle } from '@dl/testing';
import { describe, expect, test } from 'vitest';
import { ParameterError } from '../errors';
import * as series from '.';
import { fourier, inverseFourier } from './fourier';
import { toPoints } from './windows';

interface Oracle {
  period: number;
  series: Record<
    string,
    { x: number[]; y: number[]; detectors: Record<string, { score?: number[]; metrics: Record<string, number> }> }
  >;
}
const oracle = readOracle('sklearn', 'timeseries') as unknown as Oracle;
const { period } = oracle;
const window = period;
const detectors: Record<string, (x: number[]) => Float64Array> = {
  seasonal_median_resid: (x) => series.seasonalResidual(x, { period }),
  ar24_resid: (x) => series.autoregressiveResidual(x),
  spectral_residual: (x) => series.spectralResidual(x),
  sub_pca_all: (x) => series.subPCA(x, { window }),
  sub_knn5: (x) => series.subKNN(x, { window }),
  matrix_profile: (x) => series.discords(x, { window }),
};

describe.each(Object.entries(oracle.series))('the series %s', (_, { x, y, detectors: golden }) => {
  test.each(Object.entries(detectors))('%s: the scores of the oracle, negated', (name, scoresOf) => {
    const scores = scoresOf(x);
    const expected = golden[name]!.score!;
    expect(scores).toHaveLength(x.length);
    let worst = 0;
    for (const [t, value] of expected.entries()) {
      worst = Math.max(worst, Math.abs(scores[t]! + value) / Math.max(1, Math.abs(value)));
    }
    expect(worst).toBeLessThan(2e-6);
  });

  test("the period is found, and kMeansAD ranks anomalies as scikit-learn's k-means does", () => {
    expect(Math.abs(series.findPeriod(x)! - period)).toBeLessThanOrEqual(2);
    const scores = series.kMeansAD(x, { window });
    expect(series.kMeansAD(x, { window })).toEqual(scores);
    const { kmeans_ad10: reference } = golden; // of other random starts
    expect(rocAuc(scores, y)).toBeGreaterThan(reference!.metrics.AUC_ROC! - 0.15);
  });
});

/** The share of pairs of a normal point and an anomaly in which the anomaly has the lower score. */
function rocAuc(scores: Float64Array, y: number[]): number {
  let [right, pairs] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    if (y[i] === 0) continue;
    for (let j = 0; j < y.length; j++) {
      if (y[j] === 1) continue;
      pairs++;
      if (scores[i]! < scores[j]!) right++;
    }
  }
  return right / pairs;
}

test('a window is scored at its middle', () => {
  expect([...toPoints(Float64Array.of(1, 2, 3), 4)]).toEqual([1, 1, 2, 3, 3, 3]);
  expect([...toPoints(Float64Array.of(1, 2), 3)]).toEqual([1, 1, 2, 2]);
});

test('Fourier transforms of any length agree with their definition and are undone', () => {
  for (const n of [1, 2, 3, 7, 8, 12, 50]) {
    const re = Float64Array.from(key(1).normal([n]));
    const im = Float64Array.from(key(2).normal([n]));
    const found = fourier({ re, im });
    for (let k = 0; k < n; k++) {
      let [r, m] = [0, 0];
      for (let t = 0; t < n; t++) {
        const [c, s] = [Math.cos((2 * Math.PI * k * t) / n), Math.sin((2 * Math.PI * k * t) / n)];
        r += re[t]! * c + im[t]! * s;
        m += im[t]! * c - re[t]! * s;
      }
      expect(found.re[k]).toBeCloseTo(r, 9);
      expect(found.im[k]).toBeCloseTo(m, 9);
    }
    const back = inverseFourier(found);
    for (let t = 0; t < n; t++) expect(back.re[t]).toBeCloseTo(re[t]!, 9);
  }
});

test('the matrix profile is what comparing all pairs gives, constant windows included', () => {
  const x = Array.from(key(3).normal([60]), (v, t) => ((t >= 20 && t < 32) || t >= 48 ? 1 : v));
  const w = 8;
  const { distances, indices } = series.matrixProfile(x, { window: w });
  const normal = (i: number) => {
    const values = x.slice(i, i + w);
    const mean = values.reduce((a, b) => a + b) / w;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / w);
    return deviation < 1e-8 ? undefined : values.map((v) => (v - mean) / deviation);
  };
  const distance = (i: number, j: number) => {
    const [a, b] = [normal(i), normal(j)];
    if (a === undefined && b === undefined) return 0;
    if (a === undefined || b === undefined) return Math.sqrt(w);
    return Math.sqrt(a.reduce((sum, v, f) => sum + (v - b[f]!) ** 2, 0));
  };
  for (let i = 0; i < distances.length; i++) {
    let least = Infinity;
    for (let j = 0; j < distances.length; j++) if (Math.abs(i - j) > w / 2) least = Math.min(least, distance(i, j));
    expect(distances[i]).toBeCloseTo(least, 5);
    expect(distance(i, indices[i]!)).toBeCloseTo(least, 5);
  }
});

test('series that cannot be are refused, and ones without a period have none', () => {
  const noise = Array.from(key(4).normal([300]));
  expect(series.findPeriod(noise)).toBeUndefined();
  for (const scoresOf of [series.subPCA, series.subKNN, series.discords, series.kMeansAD]) {
    expect(scoresOf(noise)).toHaveLength(300);
    expect(scoresOf(new Array(40).fill(7)).every(Number.isFinite)).toBe(true);
    expect(() => scoresOf(noise, { window: 151 })).toThrow(ParameterError);
    expect(() => scoresOf([1, 2, 3])).toThrow(ShapeError);
    expect(() => scoresOf([...noise, Number.NaN])).toThrow(NumericsError);
  }
  expect(() => series.seasonalResidual(noise, { period: 200 })).toThrow('at most half the 300 values');
  expect(() => series.subKNN(noise, { window: 4, nNeighbors: 400 })).toThrow(ParameterError);
});

test('the recommended detectors are detectors, with their reason', () => {
  expect(series.recommend().scores).toBe(series.subPCA);
  expect(series.recommend('points').scores).toBe(series.autoregressiveResidual);
});
