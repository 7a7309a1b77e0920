import { key, rocAucScore } from '@dl/core';
import { expect, test } from 'vitest';
import * as novelty from '../novelty';

// LODA and INNE, which scikit-learn does not have: they must rank rows as their papers say.

const auc = (scores: Float64Array, anomalies: number[]) =>
  rocAucScore(
    scores.map((s) => -s),
    anomalies,
  );

test('both rank rows from elsewhere below rows of the clusters', () => {
  const blobs = (seed: number, n: number) =>
    Array.from({ length: n }, (_, i) =>
      Array.from(key(seed).fold(i).normal(4), (v, f) => 0.4 * v + (i % 2 ? 2 : -2) * (f % 2 ? 1 : -1)),
    );
  const uniform = Array.from({ length: 60 }, (_, i) => [...key(9).fold(i).uniform(4, { min: -5, max: 5 })]);
  const later = [...blobs(8, 60), ...uniform];
  const anomalies = later.map((_, i) => (i < 60 ? 0 : 1));
  for (const detector of [new novelty.LODA(), new novelty.INNE()]) {
    expect(auc(detector.fit(blobs(7, 200)).scoreSamples(later), anomalies)).toBeGreaterThan(0.95);
  }
});

const rows = Array.from(key(1).normal([300]), (x, i) => [x * (i % 2 ? 0.1 : 2), i % 2 ? 10 : 0]);

test('INNE finds a row that is odd beside a dense cluster, and none so beside a sparse one', () => {
  const detector = new novelty.INNE({ maxSamples: 32 }).fit(rows);
  const [besideDense, besideSparse, within] = detector.scoreSamples([
    [3, 10],
    [3, 0],
    [0.5, 0],
  ]);
  expect(besideDense).toBeLessThan(besideSparse!);
  expect(besideSparse).toBeLessThan(within! + 0.2);
  expect(detector.scoreSamples([[1e6, 1e6]])[0]).toBe(-1);
});

test('INNE on equal rows isolates none of them', () => {
  const detector = new novelty.INNE().fit(Array.from({ length: 20 }, () => [3, 4]));
  expect([
    ...detector.scoreSamples([
      [3, 4],
      [3, 5],
    ]),
  ]).toEqual([expect.closeTo(0, 12), -1]);
});

test('LODA: a value beyond all histograms has the density of an empty bin', () => {
  const detector = new novelty.LODA({ nRandomCuts: 1, nBins: 4 }).fit([[0], [1], [2], [3], [4]]);
  const { logDensity } = detector.fitted;
  expect(detector.scoreSamples([[99]])[0]).toBe(logDensity[4]);
  expect(detector.scoreSamples([[4]])[0]).toBe(Math.max(...logDensity));
  expect(logDensity[4]).toBe(Math.min(...logDensity));
});
