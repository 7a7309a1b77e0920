import { key } from '@dl/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as novelty from '../novelty';
import * as outlier from '../outlier';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import type { DataOptions } from './common-options';
import type { NoveltyDetector } from './novelty-detector';
import type { OutlierDetector } from './outlier-detector';

type Learner = new (options?: object) => NoveltyDetector<DataOptions, unknown>;
type Judge = new (options?: object) => OutlierDetector<DataOptions, unknown>;
const cases = Object.keys(novelty).map((name) => ({
  name,
  Learner: (novelty as unknown as Record<string, Learner>)[name]!,
  Judge: (outlier as unknown as Record<string, Judge>)[name]!,
}));

/** Detectors whose in-sample score is another than that of an equal new row. */
const NOT_OWN_NEIGHBOUR = ['KNearestNeighbors', 'LocalOutlierFactor', 'RankEnsemble'];
/** Detectors that draw rows, or take them in turn: their order is part of the randomness. */
const BY_ORDER = ['IsolationForest', 'INNE', 'EllipticEnvelope', 'GaussianMixture', 'SGDOneClassSVM', 'RankEnsemble'];

/** Detectors whose score jumps where a value changes its bin, or its rank. */
const BY_STEPS = ['HBOS', 'LODA', 'RankEnsemble'];

const rowsOf = (seed: number, n: number, d: number) => {
  const values = key(seed).normal([n, d]);
  return Array.from({ length: n }, (_, i) => [...values.subarray(i * d, (i + 1) * d)]);
};
const tables = fc.record({ seed: fc.nat(1e6), n: fc.integer({ min: 30, max: 80 }), d: fc.integer({ min: 1, max: 5 }) });

describe.each(cases)('$name', ({ name, Learner, Judge }) => {
  test('of any rows, scores are numbers, in any batches, and survive a file', () => {
    fc.assert(
      fc.property(tables, fc.nat(70), ({ seed, n, d }, at) => {
        const later = rowsOf(seed + 1, 71, d);
        const detector = new Learner().fit(rowsOf(seed, n, d));
        const scores = detector.scoreSamples(later);
        expect(scores.every((score) => !Number.isNaN(score))).toBe(true);
        expect(detector.scoreSamples([later[at]!])[0]).toBe(scores[at]);
        const copy = decodeDetector(encodeDetector(detector)) as typeof detector;
        expect(copy.scoreSamples(later)).toEqual(scores);
        expect(copy.offset).toBe(detector.offset);
      }),
      { numRuns: 6 },
    );
  });

  test('4: to judge the training rows is to learn them and look at them as new ones', () => {
    if (NOT_OWN_NEIGHBOUR.includes(name)) return;
    for (const seed of [1, 2]) {
      const rows = rowsOf(seed, 60, 3);
      const judge = new Judge();
      expect([...judge.fitPredict(rows)]).toEqual([...new Learner().fit(rows).predict(rows)]);
    }
  });

  test('the order of the training rows does not matter', () => {
    if (BY_ORDER.includes(name)) return;
    const rows = rowsOf(3, 60, 3);
    const order = [...key(4).permutation(60)].map((i) => rows[i]!);
    const later = rowsOf(5, 20, 3);
    // the support vector machine stops near the optimum
    const options = name === 'OneClassSVM' ? { tol: 1e-9 } : {};
    const [a, b] = [rows, order].map((x) => new Learner(options).fit(x).scoreSamples(later));
    for (let i = 0; i < 20; i++) expect(b![i]).toBeCloseTo(a![i]!, name === 'OneClassSVM' ? 5 : 9);
  });

  test('equal rows, constant features, two rows', () => {
    const equal = Array.from({ length: 40 }, () => [1, 2]);
    const constant = rowsOf(6, 40, 1).map(([x]) => [x!, 7]);
    for (const rows of [
      equal,
      constant,
      [
        [1, 2],
        [3, 5],
      ],
    ]) {
      let labels: Int8Array;
      try {
        labels = new Judge().fitPredict(rows);
      } catch (error) {
        // the one detector that must refuse: nothing varies among half of the rows
        expect(`${name}: ${(error as Error).message}`).toMatch(/^EllipticEnvelope: .*try to increase supportFraction/s);
        continue;
      }
      expect(labels).toHaveLength(rows.length);
      const scores = new Learner().fit(rows).scoreSamples([...rows, [50, -50]]);
      expect(scores.every((score) => !Number.isNaN(score))).toBe(true);
    }
  });

  test('37: float32 rows give what float64 rows give, up to their own rounding', () => {
    const rows = rowsOf(7, 80, 3).map((row) => row.map((value) => value * 1.1)); // not exact in float32
    const single = { data: Float32Array.from(rows.flat()), shape: [80, 3] };
    const [a, b] = [new Learner().fit(rows), new Learner().fit(single)];
    const [x, y] = [a.scoreSamples(rows), b.scoreSamples(single)];
    const tolerance = 2e-4 * Math.max(1, Math.max(...x) - Math.min(...x));
    const apart = x.filter((score, i) => Math.abs(score - y[i]!) > tolerance).length;
    expect(apart).toBeLessThanOrEqual(BY_STEPS.includes(name) ? 4 : 0);
  });
});
