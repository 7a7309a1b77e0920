import { describe, expect, test } from 'vitest';
import { dataSets, expectNear } from '../../test/oracle';
import * as novelty from '../novelty';
import * as outlier from '../outlier';

// The detectors whose score is a sum over the features: HBOS, ECOD, COPOD and PCA.

const learners = { HBOS: novelty.HBOS, ECOD: novelty.ECOD, COPOD: novelty.COPOD, PCA: novelty.PCA };
const judges = { HBOS: outlier.HBOS, ECOD: outlier.ECOD, COPOD: outlier.COPOD };

interface Golden {
  score: number[];
}

const minus = (scores: Float64Array) => scores.map((score) => -score);

describe.each(dataSets())('$name', (sets) => {
  for (const [block, name] of [
    ['hbos10', 'HBOS'],
    ['pyod_ecod', 'ECOD'],
    ['pyod_copod', 'COPOD'],
  ] as const) {
    test(`${name}: in sample and on new rows, by the training rows alone`, () => {
      const judged = new judges[name]();
      judged.fitPredict(sets.outlier.train);
      const inSample = sets.outlier.block<Golden>(block)!.score;
      expectNear(minus(judged.scores), inSample, 1e-9, Math.max(...inSample.map(Math.abs)));
      const learnt = new learners[name]().fit(sets.novelty.train);
      const golden = sets.novelty.block<Golden>(block)!.score;
      expectNear(minus(learnt.scoreSamples(sets.novelty.test)), golden, 1e-9, Math.max(...golden.map(Math.abs)));
    });
  }

  for (const [name, task] of [
    ['outlier', sets.outlier],
    ['novelty', sets.novelty],
  ] as const) {
    test(`PCA, ${name} task`, () => {
      const golden = task.block<{
        n_components: number;
        explained_variance_ratio: number[];
        mean: number[];
        recon_mse: number[];
      }>('pca')!;
      const detector = new novelty.PCA({ nComponents: golden.n_components }).fit(task.train);
      expectNear(detector.fitted.mean, golden.mean, 1e-8, 1);
      expectNear(detector.fitted.explainedVarianceRatio, golden.explained_variance_ratio, 1e-8, 1);
      const largest = Math.max(...golden.recon_mse);
      expectNear(minus(detector.scoreSamples(task.test)), golden.recon_mse, 1e-8, largest);
    });
  }
});

const rows = Array.from({ length: 200 }, (_, i) => [
  Math.sin(i),
  (i * 7) % 13,
  i % 10 ? 1 : 5 + i,
  Math.cos(i * 1.3) ** 3,
]);
const later = [...rows.slice(0, 70), [9, 9, 9, 9], [-50, 3, 1, 0]];

test.each(['HBOS', 'ECOD', 'COPOD', 'PCA'] as const)(
  'what the features add to the score of %s adds up to it',
  (name) => {
    const detector = new learners[name]().fit(rows);
    const scores = detector.scoreSamples(later);
    const contributions = detector.explain(later);
    const sums = Array.from(scores, (_, i) => contributions.subarray(i * 4, i * 4 + 4).reduce((a, b) => a + b));
    expectNear(sums, minus(scores), 1e-12, 1);
    const few = later.slice(68, 72);
    expect([...detector.scoreSamples(few)]).toEqual([...scores.subarray(68)]);
  },
);

test.each(['HBOS', 'ECOD', 'COPOD'] as const)(
  '%s leaves missing features out, of the training rows and of others',
  (name) => {
    const holed = rows.map((row, i) => row.map((value, f) => (i % 11 === f ? Number.NaN : value)));
    const detector = new learners[name]({ missing: 'skip' }).fit(holed);
    const whole = detector.explain(later);
    const missing = later.map(([a, , c, d]) => [a!, Number.NaN, c!, d!]);
    const scores = detector.scoreSamples(missing);
    expectNear(
      scores,
      later.map((_, i) => -(whole[i * 4]! + whole[i * 4 + 2]! + whole[i * 4 + 3]!)),
      1e-12,
      1,
    );
    expect([...detector.scoreSamples(later.map(() => [NaN, NaN, NaN, NaN]))].every((score) => score === 0)).toBe(true);
    const empty = rows.map(([a, b, c]) => [a!, b!, c!, Number.NaN]);
    expect(new learners[name]({ missing: 'skip' }).fit(empty).scoreSamples(later).every(Number.isFinite)).toBe(true);
  },
);

test('to do without holes is refused where no row can be judged without the others', () => {
  expect(() => new novelty.LocalOutlierFactor({ metric: 'precomputed', missing: 'skip' })).toThrow('has no meaning');
});

test('a value outside the histogram counts for the edge where it is near, else as the rarest', () => {
  const detector = new novelty.HBOS({ nBins: 4 }).fit([[0], [1], [2], [3], [3.5], [4]]);
  const [edge, near, far, inside] = detector.scoreSamples([[4], [4.4], [4.6], [1.5]]);
  expect(near).toBe(edge);
  expect(far).toBe(Math.min(...detector.fitted.logDensity));
  expect(inside).toBe(detector.fitted.logDensity[1]);
});

test('PCA takes as many components as the share of variance needs', () => {
  const flat = rows.map(([a, b]) => [a!, b!, a! + b!, a! - b!]);
  expect(new novelty.PCA({ nComponents: 0.5 }).fit(flat).fitted.explainedVarianceRatio).toHaveLength(1);
  const all = new novelty.PCA({ nComponents: 2 }).fit(flat);
  expect(Math.min(...all.scoreSamples(flat))).toBeGreaterThan(-1e-20);
  expect(all.scoreSamples([[0, 0, 1, 0]])[0]).toBeLessThan(-0.01);
});
