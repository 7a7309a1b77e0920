import { key, rocAucScore } from '@dl/core';
import { expect, test } from 'vitest';
import { HBOS, RankEnsemble } from '../novelty';
import * as outlier from '../outlier';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';

test('is near the best of its members, in the outlier task', () => {
  const near = key(2).normal([200, 3]);
  const far = key(3).uniform([20, 3], { min: -6, max: 6 });
  const train = Array.from({ length: 220 }, (_, i) =>
    i < 200 ? [...near.subarray(3 * i, 3 * i + 3)] : [...far.subarray(3 * i - 600, 3 * i - 597)],
  );
  const anomalies = train.map((_, i) => (i < 200 ? 0 : 1));
  const auc = (detector: { fitPredict(x: number[][]): unknown; scores: Float64Array }) => {
    detector.fitPredict(train);
    return rocAucScore(
      detector.scores.map((s) => -s),
      anomalies,
    );
  };
  const members = [
    auc(new outlier.KNearestNeighbors({ nNeighbors: 20, method: 'mean' })),
    auc(new outlier.IsolationForest()),
    auc(new outlier.Mahalanobis()),
  ];
  expect(auc(new outlier.RankEnsemble())).toBeGreaterThan(Math.max(...members) - 0.02);
});

const rows = Array.from(key(1).normal([99]), (x, i) => [x, Math.sin(i)]);

test('with one member it ranks as that does, within the training rows and beyond them', () => {
  const ensemble = new RankEnsemble({ members: [{ detector: 'HBOS', options: { nBins: 20 } }] }).fit(rows);
  const alone = new HBOS({ nBins: 20 }).fit(rows);
  const order = (scores: Float64Array) => [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
  expect(order(ensemble.scoreSamples(rows))).toEqual(order(alone.scoreSamples(rows)));
  const [far, farther] = new RankEnsemble().fit(rows).scoreSamples([
    [30, 0],
    [60, 0],
  ]);
  expect(farther).toBeLessThan(far!);
  expect(far).toBeLessThan(0);
});

test('keys of members survive a file; functions are refused', () => {
  const ensemble = new RankEnsemble({
    members: [{ detector: 'IsolationForest', options: { nEstimators: 5, key: key(9) } }, { detector: 'LODA' }],
  }).fit(rows);
  const copy = decodeDetector(encodeDetector(ensemble));
  if (copy.task !== 'novelty') throw new Error('another task');
  expect(copy.scoreSamples(rows)).toEqual(ensemble.scoreSamples(rows));
  const withFunction = new RankEnsemble({
    members: [{ detector: 'KNearestNeighbors', options: { metric: (a, b) => Math.abs(a[0]! - b[0]!) } }],
  }).fit(rows);
  expect(() => encodeDetector(withFunction)).toThrow("'metric' is a function");
});

test('members that are none', () => {
  for (const members of [[], [{ detector: 'toString' }], [null], 'HBOS']) {
    expect(() => new RankEnsemble({ members: members as never })).toThrow(
      "The 'members' parameter of RankEnsemble must be",
    );
  }
  expect(() => new RankEnsemble({ members: [{ detector: 'HBOS', options: { nBins: 0 } }] })).toThrow('nBins');
});
