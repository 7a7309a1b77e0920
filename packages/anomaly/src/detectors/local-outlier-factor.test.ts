import { describe, expect, test } from 'vitest';
import { dataSets, expectNear, unit } from '../../test/oracle';
import { LocalOutlierFactor as Novelty } from '../novelty';
import { LocalOutlierFactor as Outlier } from '../outlier';

interface Golden {
  n_neighbors: number;
  n_neighbors_: number;
  negative_outlier_factor: number[];
  offset: number;
}
interface OutlierGolden extends Golden {
  lrd: number[];
  fit_predict: number[];
  offset_contamination: number;
  fit_predict_contamination: number[];
}
interface NoveltyGolden extends Golden {
  score_samples: number[];
  decision_function: number[];
  predict: number[];
  score_samples_train_first20: number[];
}

describe.each(dataSets())('$name equals scikit-learn', ({ outlier, novelty }) => {
  test('outlier task', () => {
    const golden = outlier.block<OutlierGolden>('lof')!;
    const detector = new Outlier({ nNeighbors: golden.n_neighbors });
    const labels = detector.fitPredict(outlier.train);
    expectNear(detector.scores, golden.negative_outlier_factor, 1e-8);
    expectNear(detector.fitted.localReachabilityDensity, golden.lrd, 1e-8);
    expect(detector.fitted.nNeighbors).toBe(golden.n_neighbors_);
    expect(detector.offset).toBe(golden.offset);
    expect([...labels]).toEqual(golden.fit_predict);

    const { contamination } = outlier.fields;
    const shared = new Outlier({ nNeighbors: golden.n_neighbors, contamination: contamination! });
    expect([...shared.fitPredict(outlier.train)]).toEqual(golden.fit_predict_contamination);
    expectNear([shared.offset], [golden.offset_contamination], 1e-8);
  });

  test('manhattan distances', () => {
    const golden = outlier.block<Golden>('lof_manhattan_k10')!;
    const detector = new Outlier({ nNeighbors: golden.n_neighbors, metric: 'manhattan' });
    detector.fitPredict(outlier.train);
    expectNear(detector.scores, golden.negative_outlier_factor, 1e-8);
  });

  test('novelty task', () => {
    const golden = novelty.block<NoveltyGolden>('lof')!;
    const detector = new Novelty({ nNeighbors: golden.n_neighbors }).fit(novelty.train);
    expectNear(detector.fitted.negativeOutlierFactor, golden.negative_outlier_factor, 1e-8);
    expectNear(detector.scoreSamples(novelty.test), golden.score_samples, 1e-8);
    expectNear(detector.decisionFunction(novelty.test), golden.decision_function, 1e-8, 1);
    expect([...detector.predict(novelty.test)]).toEqual(golden.predict);
    const first = golden.score_samples_train_first20;
    expectNear(detector.scoreSamples(novelty.train.slice(0, first.length)), first, 1e-8);
  });
});

interface UnitGolden {
  X: number[][];
  T: number[][];
  k: number;
  contamination: number;
  nof: number[];
  fit_predict: number[];
  offset: number;
  score_samples: number[];
}

test('30: the example of the documentation', () => {
  const { X, k, nof, fit_predict } = unit<UnitGolden>('lof_doc');
  const detector = new Outlier({ nNeighbors: k });
  expect([...detector.fitPredict(X)]).toEqual(fit_predict);
  expectNear(detector.scores, nof, 1e-8);
});

test('a share of outliers sets the threshold', () => {
  const { X, k, contamination, nof, fit_predict, offset } = unit<UnitGolden>('lof_test');
  const detector = new Outlier({ nNeighbors: k, contamination });
  expect([...detector.fitPredict(X)]).toEqual(fit_predict);
  expectNear(detector.scores, nof, 1e-8);
  expectNear([detector.offset], [offset], 1e-8);
});

test('31: three points have closed forms, as training rows and as new ones', () => {
  const { X, T, k, nof, score_samples } = unit<UnitGolden>('lof_values');
  const detector = new Novelty({ nNeighbors: k }).fit(X);
  expectNear(detector.fitted.negativeOutlierFactor, nof, 1e-8);
  expectNear(detector.scoreSamples(T), score_samples, 1e-8);
  const root = Math.SQRT2;
  const s0 = (2 * root) / (1 + root);
  const s1 = (1 + root) * (1 / (4 * root) + 1 / (2 + 2 * root));
  const own = new Novelty({ nNeighbors: 2 }).fit([
    [1, 1],
    [1, 2],
    [2, 1],
  ]);
  expectNear(own.fitted.negativeOutlierFactor, [-s0, -s1, -s1], 1e-8);
  expectNear(
    own.scoreSamples([
      [2, 2],
      [1, 1],
    ]),
    [-s0, -s1],
    1e-8,
  );
});

test('40: more than k equal rows give no NaN, and a warning', async () => {
  const { X, k, nof } = unit<UnitGolden>('lof_duplicates');
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const detector = new Outlier({ nNeighbors: k });
  detector.fitPredict(X);
  expectNear(detector.scores, nof, 1e-8);
  expect((await warned).message).toContain('Duplicate values are leading to incorrect results');
});

test('32: more neighbours than other rows are brought down to these, with a warning', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const detector = new Novelty({ nNeighbors: 500 }).fit(Array.from({ length: 150 }, (_, i) => [i, (i * i) % 7]));
  expect(detector.fitted.nNeighbors).toBe(149);
  expect((await warned).message).toContain(
    'nNeighbors (500) is greater than or equal to the total number of samples (150)',
  );
});

test('33: precomputed distances give the scores of the rows they were computed of', () => {
  const [{ novelty }] = dataSets() as [ReturnType<typeof dataSets>[0]];
  const distances = (a: number[][], b: number[][]) =>
    a.map((x) => b.map((y) => Math.sqrt(x.reduce((sum, v, f) => sum + (v - y[f]!) ** 2, 0))));
  const raw = new Novelty().fit(novelty.train);
  const table = new Novelty({ metric: 'precomputed' }).fit(distances(novelty.train, novelty.train));
  expectNear(table.fitted.negativeOutlierFactor, raw.fitted.negativeOutlierFactor, 1e-10);
  expectNear(table.scoreSamples(distances(novelty.test, novelty.train)), raw.scoreSamples(novelty.test), 1e-10);
  expect(() => new Novelty({ metric: 'precomputed' }).fit([[0, 1]])).toThrow('one row and one column');
});

test('35, 36: the factors do not depend on the task, and the score of an equal new row is another', () => {
  const [{ outlier }] = dataSets() as [ReturnType<typeof dataSets>[0]];
  const judged = new Outlier();
  judged.fitPredict(outlier.train);
  const learnt = new Novelty().fit(outlier.train);
  expect(learnt.fitted.negativeOutlierFactor).toEqual(judged.scores);
  expect(learnt.scoreSamples(outlier.train)).not.toEqual(judged.scores);
});

test('39: two clusters, and noise around them', () => {
  const inliers = Array.from({ length: 120 }, (_, i) => [
    Math.sin(i * 12.9898) * 0.3 + 2,
    Math.cos(i * 78.233) * 0.3 + 2,
  ]);
  const far = [
    [4, 4],
    [-3, 2],
    [2, -5],
    [0, 0],
    [6, 2],
  ];
  const scores = new Novelty({ nNeighbors: 5 })
    .fit(inliers.slice(0, 100))
    .scoreSamples([...inliers.slice(100), ...far]);
  expect(Math.max(...scores.subarray(20))).toBeLessThan(Math.min(...scores.subarray(0, 20)));
});
