import { key, rocAucScore } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { dataSets, expectNear, unit } from '../../test/oracle';
import { IsolationForest as Novelty } from '../novelty';
import { IsolationForest as Outlier } from '../outlier';
import { averagePathLength } from '../trees/average-path-length';
import { depthsOf } from '../trees/forest';

interface Golden {
  n_estimators: number;
  max_samples: number;
  auc_mean: number;
  auc_sd: number;
  score_mean_1000_trees: number[];
  score_sd_between_seeds: number[];
  offset_auto: number;
}

const abnormality = (scores: Float64Array) => scores.map((score) => -score);

describe.each(dataSets())('58: $name, in the distribution of scikit-learn', ({ outlier, novelty }) => {
  test.each(['outlier', 'novelty'] as const)('%s', (task) => {
    const set = task === 'outlier' ? outlier : novelty;
    const { train, test: rows, anomalies } = set;
    const golden = set.block<Golden>('iforest')!;
    const detector = new Novelty({ nEstimators: golden.n_estimators, key: key(3) }).fit(train);
    expect(detector.fitted.maxSamples).toBe(golden.max_samples);
    expect(detector.offset).toBe(golden.offset_auto);
    const auc = rocAucScore(abnormality(detector.scoreSamples(rows)), anomalies);
    expect(auc).toBeGreaterThanOrEqual(golden.auc_mean - 3 * golden.auc_sd);

    const many = new Novelty({ nEstimators: 1000, key: key(4) }).fit(train).scoreSamples(rows);
    const errors = many.map((score, i) => Math.abs(score - golden.score_mean_1000_trees[i]!));
    for (const [i, error] of errors.entries()) {
      expect(error).toBeLessThanOrEqual(Math.max(0.03, 4 * golden.score_sd_between_seeds[i]!));
    }
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThanOrEqual(0.012);
    expect(correlation(many, golden.score_mean_1000_trees)).toBeGreaterThan(0.99);
  });
});

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let [ma, mb] = [0, 0];
  for (let i = 0; i < n; i++) [ma, mb] = [ma + a[i]! / n, mb + b[i]! / n];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

interface ForestGolden {
  X: number[][];
  max_samples: number;
  offset: number;
  trees: Parameters<typeof Novelty.fromScikitLearn>[0];
  score_samples: number[];
  predict: number[];
}

test('55: a forest of scikit-learn scores as it does there', () => {
  const { X, max_samples, offset, trees, score_samples, predict } = unit<ForestGolden>('forest');
  const features = X[0]!.length;
  const detector = Novelty.fromScikitLearn(trees, { maxSamples: max_samples, features, offset });
  expectNear(detector.scoreSamples(X), score_samples, 1e-6);
  expect([...detector.predict(X)]).toEqual(predict);
  expect(() => Novelty.fromScikitLearn([{ ...trees[0]!, left: [9999] }], { maxSamples: 8, features, offset })).toThrow(
    'does not exist, or is reached twice',
  );
});

test('18: the mean path length of a random search tree', () => {
  const { n, c } = unit<{ n: number[]; c: number[] }>('average_path_length');
  expectNear(n.map(averagePathLength), c, 1e-10, 1);
  expect([0, 1, 2, 3, 4].map(averagePathLength)).toEqual([0, 1, 2, 3, 4].map(averagePathLength).sort((a, b) => a - b));
});

const grid = Array.from({ length: 400 }, (_, i) => [i % 20, Math.floor(i / 20)]);

test('19: more rows a tree than there are give a warning; a fraction is of all rows', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  expect(new Novelty({ maxSamples: 1000, nEstimators: 3 }).fit(grid).fitted.maxSamples).toBe(400);
  expect((await warned).message).toContain('maxSamples (1000) is greater than the total number of samples (400)');
  expect(new Novelty({ maxSamples: 0.4, nEstimators: 3 }).fit(grid).fitted.maxSamples).toBe(160);
  expect(new Novelty({ nEstimators: 3 }).fit(grid).fitted.maxSamples).toBe(256);
  expect(new Novelty({ nEstimators: 3 }).fit(grid.slice(0, 50)).fitted.maxSamples).toBe(50);
});

test('20: no tree is deeper than ceil(log2(maxSamples))', () => {
  for (const maxSamples of [2, 60, 64, 65]) {
    const { fitted } = new Novelty({ maxSamples, nEstimators: 20 }).fit(grid);
    expect(Math.max(...depthsOf(fitted))).toBe(Math.ceil(Math.log2(maxSamples)));
  }
});

test.each([0.25, 'auto'] as const)('21: the two outliers of eight points, contamination %s', (contamination) => {
  const points = [
    [-2, -1],
    [-1, -1],
    [-1, -2],
    [1, 1],
    [1, 2],
    [2, 1],
    [7, 4],
    [-5, 9],
  ];
  const detector = new Outlier({ contamination, key: key(1) });
  expect([...detector.fitPredict(points)]).toEqual([1, 1, 1, 1, 1, 1, -1, -1]);
  expect(Math.max(...detector.scores.subarray(6))).toBeLessThan(Math.min(...detector.scores.subarray(0, 6)));
});

test('22: uniform noise around two tight clusters', () => {
  const noise = key(2).uniform([100, 2], { min: -4, max: 4 });
  const cluster = key(3).normal([320, 2], { std: 0.3 });
  const near = Array.from({ length: 320 }, (_, i) => [
    cluster[2 * i]! + (i % 2 ? 2 : -2),
    cluster[2 * i + 1]! + (i % 2 ? 2 : -2),
  ]);
  const far = Array.from({ length: 100 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!]).filter(
    ([x, y]) => Math.min(Math.hypot(x! - 2, y! - 2), Math.hypot(x! + 2, y! + 2)) > 1.5,
  );
  const scores = new Novelty({ maxSamples: 100 }).fit(near.slice(0, 200)).scoreSamples([...near.slice(200), ...far]);
  const truth = [...near.slice(200).map(() => 0), ...far.map(() => 1)];
  expect(rocAucScore(abnormality(scores), truth)).toBeGreaterThan(0.98);
});

test('23: of rows that cannot be told apart all are inliers, and so are others', () => {
  const other = [
    [0, 0],
    [7, -3],
  ];
  for (const rows of [
    Array.from({ length: 100 }, () => [2, 2]),
    [[1, 2]],
    Array.from({ length: 10 }, () => [0.5, 0.5]),
  ]) {
    const detector = new Novelty({ nEstimators: 10 }).fit(rows);
    expect([...detector.predict([...rows, ...other])].every((label) => label === 1)).toBe(true);
  }
});

test('24: the same key gives the same forest, another key another', () => {
  const [a, b, c] = [key(5), key(5), key(6)].map((from) => new Novelty({ nEstimators: 5, key: from }).fit(grid).fitted);
  expect(a).toEqual(b);
  expect(a).not.toEqual(c);
});

test('26: trees that see some features alone', () => {
  const rows = grid.map(([x, y]) => [x!, y!, (x! * y!) % 7, x! + y!]);
  for (const [maxFeatures, seen] of [
    [0.5, 2],
    [3, 3],
    [0.1, 1],
  ] as const) {
    const detector = new Novelty({ maxFeatures, nEstimators: 30 }).fit(rows);
    const { feature, roots } = detector.fitted;
    for (let t = 0; t < roots.length; t++) {
      const own = new Set(feature.subarray(roots[t], roots[t + 1]).filter((f) => f >= 0));
      expect(own.size).toBeLessThanOrEqual(seen);
    }
    expect(new Set(feature.filter((f) => f >= 0)).size).toBe(4);
    expect(detector.predict(rows)).toHaveLength(400);
  }
  expect(() => new Novelty({ maxFeatures: 5 }).fit(rows)).toThrow(
    'maxFeatures (5) is greater than the number of features (4)',
  );
});

test('27: a larger forest begins with the trees of a smaller one', () => {
  const [small, large] = [4, 9].map((nEstimators) => new Novelty({ nEstimators }).fit(grid).fitted);
  const nodes = small!.feature.length;
  expect(large!.feature.subarray(0, nodes)).toEqual(small!.feature);
  expect(large!.threshold.subarray(0, nodes)).toEqual(small!.threshold);
  expect(large!.roots.subarray(0, 4)).toEqual(small!.roots);
});

test('16: rows without weight are in no tree; equal weights change nothing', () => {
  const ones = new Novelty({ nEstimators: 5 }).fit(grid, { sampleWeight: grid.map(() => 1) });
  expect(ones.fitted).toEqual(new Novelty({ nEstimators: 5 }).fit(grid).fitted);
  const rows = [...grid, [1000, 1000]];
  const weights = rows.map((_, i) => (i < 400 ? 1 : 0));
  const before = [...weights];
  const { fitted } = new Novelty({ nEstimators: 50 }).fit(rows, { sampleWeight: weights });
  expect(weights).toEqual(before);
  expect(Math.max(...fitted.threshold)).toBeLessThan(20);
  expect(() => new Novelty().fit(rows, { sampleWeight: [1, 2] })).toThrow(
    'sampleWeight.shape == (2,), expected (401,)',
  );
  expect(() => new Novelty().fit(rows, { sampleWeight: rows.map(() => 0) })).toThrow('all sample weights are 0');
});

test('rows are drawn with replacement where asked', () => {
  const detector = new Novelty({ bootstrap: true, nEstimators: 20, maxSamples: 1 }).fit(grid.slice(0, 40));
  expect(detector.scoreSamples(grid).every((score) => score < 0 && score >= -1)).toBe(true);
});

test('numbers beyond float32 are refused, as in scikit-learn', () => {
  expect(() => new Novelty().fit([[1e39], [0]])).toThrow(
    'contains a value too large for float32: 1e+39 (row 0, column 0)',
  );
});

test('few rows, which do without the kernel, get the same bits', () => {
  const detector = new Novelty().fit(grid);
  const all = detector.scoreSamples(grid);
  for (let i = 0; i < 400; i += 37) expect(detector.scoreSamples([grid[i]!])[0]).toBe(all[i]);
});

test('what the features add is how much sooner than an average training row a row is isolated', () => {
  const rows = Array.from({ length: 200 }, (_, i) => [Math.sin(i * i), Math.cos(3 * i), Math.sin(5 * i)]);
  const detector = new Novelty({ maxSamples: 200, nEstimators: 30 }).fit(rows);
  const steps = (x: number[][]) => detector.scoreSamples(x).map((score) => -Math.log2(-score) * averagePathLength(200));
  const typical = steps(rows).reduce((sum, step) => sum + step / 200, 0);
  const later = [[0, 0, 9], [0, -7, 0.1], rows[5]!];
  const parts = detector.explain(later);
  for (const [i, step] of steps(later).entries()) {
    expect(parts[3 * i]! + parts[3 * i + 1]! + parts[3 * i + 2]!).toBeCloseTo(typical - step, 4);
  }
  expect(parts[2]).toBeGreaterThan(2 * Math.max(parts[0]!, parts[1]!));
  expect(parts[4]).toBeGreaterThan(2 * Math.max(parts[3]!, parts[5]!));
});
