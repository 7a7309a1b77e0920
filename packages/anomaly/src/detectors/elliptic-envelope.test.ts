import { key, rocAucScore } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { dataSets, expectNear, unit } from '../../test/oracle';
import { cholesky, logDeterminant } from '../linear-algebra/cholesky';
import { Mahalanobis, EllipticEnvelope as Novelty } from '../novelty';
import { EllipticEnvelope as Outlier } from '../outlier';
import { minimumCovarianceDeterminant } from '../robust/minimum-covariance-determinant';

interface Golden {
  contamination: number;
  location: number[];
  covariance: number[][];
  raw_location: number[];
  raw_covariance: number[][];
  raw_support_idx: number[];
  support_idx: number[];
  dist_train: number[];
  offset: number;
  mahalanobis: number[];
  predict: number[];
  raw_logdet_best: number;
  empirical_mahalanobis_auc: number;
  ledoitwolf: { shrinkage: number; auc: number };
  roc_auc: number;
}

const places = (mask: Uint8Array) => [...mask.keys()].filter((i) => mask[i] === 1);

describe.each(dataSets().filter(({ outlier }) => outlier.block('elliptic_envelope')))(
  '$name',
  ({ outlier, novelty }) => {
    for (const [name, task] of [
      ['outlier', outlier],
      ['novelty', novelty],
    ] as const) {
      const golden = task.block<Golden>('elliptic_envelope');
      if (golden === undefined) continue;

      test(`57: a determinant as small as the best of ten seeds of scikit-learn, ${name} task`, () => {
        const detector = new Novelty({ contamination: golden.contamination }).fit(task.train);
        const { fitted } = detector;
        const d = fitted.location.length;
        const found = logDeterminant(cholesky(fitted.rawCovariance, d)!, d);
        expect(found).toBeLessThanOrEqual(golden.raw_logdet_best + 1e-3);

        if (places(fitted.rawSupport).join() === golden.raw_support_idx.join()) {
          const scale = Math.max(...golden.covariance.flat().map(Math.abs));
          expectNear(fitted.location, golden.location, 1e-6, 1);
          expectNear(fitted.covariance, golden.covariance.flat(), 1e-6, scale);
          expectNear(fitted.rawLocation, golden.raw_location, 1e-6, 1);
          expectNear(fitted.rawCovariance, golden.raw_covariance.flat(), 1e-6, scale);
          expect(places(fitted.support)).toEqual(golden.support_idx);
          expectNear(fitted.distances, golden.dist_train, 1e-6);
          expectNear([detector.offset], [golden.offset], 1e-6);
          expectNear(
            detector.scoreSamples(task.test).map((s) => -s),
            golden.mahalanobis,
            1e-6,
          );
          expect([...detector.predict(task.test)]).toEqual(golden.predict);
        }
      });

      test(`Mahalanobis distance, plain and shrunk, ${name} task`, () => {
        const plain = new Mahalanobis().fit(task.train);
        const auc = rocAucScore(
          plain.scoreSamples(task.test).map((s) => -s),
          task.anomalies,
        );
        expect(auc).toBeCloseTo(golden.empirical_mahalanobis_auc, 6);
        const shrunk = new Mahalanobis({ covariance: 'ledoitWolf' }).fit(task.train);
        expectNear([shrunk.fitted.shrinkage], [golden.ledoitwolf.shrinkage], 1e-9);
        const other = rocAucScore(
          shrunk.scoreSamples(task.test).map((s) => -s),
          task.anomalies,
        );
        expect(other).toBeCloseTo(golden.ledoitwolf.auc, 6);
      });
    }
  },
);

interface UnitGolden {
  X: number[][];
  T: number[][];
  location: number[];
  covariance: number[][];
  raw_location: number[];
  raw_covariance: number[][];
  offset: number;
  predict: number[];
  mahalanobis: number[];
  dist: number[];
}

test('the example of the documentation', () => {
  const golden = unit<UnitGolden>('ee_doc');
  const detector = new Novelty().fit(golden.X);
  expect([...detector.predict(golden.T)]).toEqual(golden.predict);
  expectNear(detector.fitted.location, golden.location, 0.05, 1);
  expectNear(detector.fitted.covariance, golden.covariance.flat(), 0.1, 1);
});

test('51: one feature has an exact solution', () => {
  const golden = unit<UnitGolden>('mcd_1d');
  const { fitted } = new Novelty().fit(golden.X);
  expectNear(fitted.location, golden.location, 1e-9);
  expectNear(fitted.covariance, golden.covariance.flat(), 1e-9);
  expectNear(fitted.rawLocation, golden.raw_location, 1e-9);
  expectNear(fitted.rawCovariance, golden.raw_covariance.flat(), 1e-9);
  expectNear(fitted.distances, golden.dist, 1e-9, 1);
  const three = new Novelty({ supportFraction: 1 }).fit([[1], [2], [4]]);
  expect(places(three.fitted.rawSupport)).toHaveLength(3);
});

test('49: the score is the negative distance; as many outliers as negative decisions; distances of the training rows', () => {
  const rows = normal(1, 100, 3);
  const detector = new Novelty().fit(rows);
  const scores = detector.scoreSamples(rows);
  expectNear(
    scores.map((s) => -s),
    detector.fitted.distances,
    1e-12,
  );
  const negative = detector.decisionFunction(rows).filter((decision) => decision < 0).length;
  expect(detector.predict(rows).filter((label) => label === -1)).toHaveLength(negative);
  expect(negative).toBe(10);
});

function normal(seed: number, n: number, d: number): number[][] {
  const values = key(seed).normal([n, d]);
  return Array.from({ length: n }, (_, i) => [...values.subarray(i * d, (i + 1) * d)]);
}

/** scikit-learn's own tests: outliers at +-5 in every feature, and how well the clean moments must be found. */
test.each([
  { n: 100, d: 5, outliers: 0, location: 0.02, covariance: 0.1, support: 80 },
  { n: 100, d: 5, outliers: 20, location: 0.02, covariance: 0.02, support: 70 },
  { n: 100, d: 5, outliers: 45, location: 0.1, covariance: 0.1, support: 50 },
  { n: 1000, d: 5, outliers: 450, location: 0.1, covariance: 0.1, support: 540 },
  { n: 1700, d: 5, outliers: 800, location: 0.1, covariance: 0.1, support: 870 },
  { n: 500, d: 1, outliers: 100, location: 0.02, covariance: 0.02, support: 350 },
])('50: $outliers outliers of $n rows with $d features', ({ n, d, outliers, location, covariance, support }) => {
  const rows = normal(2, n, d);
  const signs = key(3).integers(outliers * d, 0, 2);
  for (let i = 0; i < outliers; i++) for (let f = 0; f < d; f++) rows[i]![f]! += signs[i * d + f] ? 5 : -5;
  const clean = new Mahalanobis().fit(rows.slice(outliers)).fitted;
  const { fitted } = new Novelty().fit(rows);
  const error = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2 / a.length, 0);
  expect(error(fitted.location, clean.location)).toBeLessThan(location);
  expect(error(fitted.covariance, clean.covariance)).toBeLessThan(covariance);
  expect(places(fitted.support).length).toBeGreaterThanOrEqual(support);
});

test('52: a constant feature completes, with a warning', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const rows = normal(4, 60, 3).map(([x, y]) => [x!, y!, 0]);
  const detector = new Novelty().fit(rows);
  expect(detector.scoreSamples(rows).every(Number.isFinite)).toBe(true);
  expect((await warned).message).toContain('is not full rank');
});

test('53: more than half of the rows equal', () => {
  const rows = [[0.5, 0.1, 0.1], [0.1, 0.9, 0.9], ...Array.from({ length: 60 }, () => [0.3, 0.3, 0.3])];
  for (const x of [rows, rows.map(([v]) => [v!])]) {
    expect(() => new Novelty().fit(x)).toThrow(
      'The covariance matrix of the support data is equal to 0, try to increase supportFraction',
    );
  }
});

test('54: where half of the rows lie in a plane, they are taken as they are; scikit-learn sees the determinant increase', () => {
  const rows = [
    [5.1, 3.5, 1.4, 0.2],
    [4.9, 3.0, 1.4, 0.2],
    [4.7, 3.2, 1.3, 0.2],
    [4.6, 3.1, 1.5, 0.2],
    [5.0, 3.6, 1.4, 0.2],
    [4.6, 3.4, 1.4, 0.3],
    [5.0, 3.4, 1.5, 0.2],
    [4.4, 2.9, 1.4, 0.2],
    [4.9, 3.1, 1.5, 0.1],
    [5.4, 3.7, 1.5, 0.2],
    [4.8, 3.4, 1.6, 0.2],
    [4.8, 3.0, 1.4, 0.1],
    [4.3, 3.0, 1.1, 0.1],
    [5.1, 3.5, 1.4, 0.3],
    [5.7, 3.8, 1.7, 0.3],
    [5.4, 3.4, 1.7, 0.2],
    [4.6, 3.6, 1.0, 0.2],
    [5.0, 3.0, 1.6, 0.2],
    [5.2, 3.5, 1.5, 0.2],
  ];
  const {
    distances,
    logDeterminant: found,
    support,
  } = minimumCovarianceDeterminant({ data: Float64Array.from(rows.flat()), rows: rows.length, columns: 4 }, 12, key(1));
  expect(found).toBe(Number.NEGATIVE_INFINITY);
  expect([...support].every((i) => rows[i]![3] === 0.2)).toBe(true);
  expect(distances.every(Number.isFinite)).toBe(true);
});

test('54: a step never makes the determinant larger', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  for (let seed = 0; seed < 5; seed++) new Novelty({ key: key(seed) }).fit(normal(10 + seed, 120, 6));
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('warning', listen);
  expect(warnings.filter(({ message }) => message.includes('Determinant has increased'))).toEqual([]);
});

test('data that is known to have mean 0', () => {
  const rows = normal(5, 200, 2).map(([x, y]) => [x! + 1, y!]);
  const { fitted } = new Novelty({ assumeCentered: true }).fit(rows);
  expect([...fitted.location]).toEqual([0, 0]);
  expect(fitted.covariance[0]).toBeGreaterThan(1.5);
});

test('what the features add to the distance adds up to it', () => {
  const rows = normal(6, 80, 4);
  for (const detector of [new Novelty(), new Mahalanobis()]) {
    const scores = detector.fit(rows).scoreSamples(rows);
    const contributions = detector.explain(rows);
    const sums = Array.from(scores, (_, i) => contributions.subarray(i * 4, i * 4 + 4).reduce((a, b) => a + b));
    expectNear(
      sums,
      scores.map((s) => -s),
      1e-9,
    );
  }
  const judged = new Outlier();
  judged.fitPredict(rows);
  expect(judged.explain(rows)).toHaveLength(320);
});

test('the same key gives the same estimate', () => {
  const rows = normal(7, 700, 3);
  const [a, b] = [key(4), key(4)].map((from) => new Novelty({ key: from }).fit(rows).fitted);
  expect(a).toEqual(b);
});
