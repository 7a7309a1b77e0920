import { key, rocAucScore } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { dataSets, expectNear, type Task, unit } from '../../test/oracle';
import { OneClassSVM as Novelty } from '../novelty';
import { OneClassSVM as Outlier } from '../outlier';

interface Golden {
  tol: number;
  gamma: number;
  support: number[];
  dual_coef: number[];
  intercept: number;
  offset: number;
  decision_function: number[];
  predict: number[];
  dual_objective_half_aKa: number;
  roc_auc: number;
}
type Block = Record<'default_tol' | 'tight_tol', Golden>;

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** 1/2 a' K a in float64. */
function objective({ fitted }: Novelty): number {
  const { supportVectors: s, dualCoef: alpha, gamma } = fitted;
  const d = s.length / alpha.length;
  let total = 0;
  for (let i = 0; i < alpha.length; i++) {
    for (let j = 0; j < alpha.length; j++) {
      let distance = 0;
      for (let f = 0; f < d; f++) distance += (s[i * d + f]! - s[j * d + f]!) ** 2;
      total += 0.5 * alpha[i]! * alpha[j]! * Math.exp(-gamma * distance);
    }
  }
  return total;
}

function expectDecisions(detector: Novelty, task: Task, golden: Golden, tolerance: number): void {
  const decisions = detector.decisionFunction(task.test);
  const labels = detector.predict(task.test);
  for (const [i, expected] of golden.decision_function.entries()) {
    expect(Math.abs(decisions[i]! - expected)).toBeLessThanOrEqual(tolerance);
    if (Math.abs(expected) > tolerance) expect(labels[i]).toBe(golden.predict[i]);
  }
}

describe.each(dataSets())('$name equals libsvm', ({ outlier, novelty }) => {
  for (const [name, task] of [
    ['outlier', outlier],
    ['novelty', novelty],
  ] as const) {
    test(`56: rbf, ${name} task`, () => {
      const { default_tol: usual, tight_tol: tight } = task.block<Block>('ocsvm_rbf')!;
      const exact = new Novelty({ nu: 0.1, tol: 1e-7 }).fit(task.train);
      expectNear([exact.fitted.gamma], [tight.gamma], 1e-10);
      expectDecisions(exact, task, tight, 1e-4 * largest(tight.decision_function));
      const found = objective(exact);
      expect(found).toBeLessThanOrEqual(tight.dual_objective_half_aKa + 1e-6);
      expectNear([found], [tight.dual_objective_half_aKa], 1e-7);
      expectNear([sum(exact.fitted.dualCoef)], [0.1 * task.train.length], 1e-9);

      const detector = new Novelty({ nu: 0.1 }).fit(task.train);
      expectDecisions(detector, task, usual, 2e-3);
      const unshrunk = new Novelty({ nu: 0.1, shrinking: false }).fit(task.train);
      expectDecisions(unshrunk, task, usual, 2e-3);
    });
  }

  for (const [block, options, shift] of [
    ['ocsvm_poly3', { kernel: 'poly', degree: 3, coef0: 1 }, 0],
    ['ocsvm_linear_shifted', { kernel: 'linear' }, 5],
  ] as const) {
    test(block, () => {
      const golden = novelty.block<Block>(block)!.default_tol;
      const shifted = (rows: number[][]) => rows.map((row) => row.map((value) => value + shift));
      const task = { ...novelty, train: shifted(novelty.train), test: shifted(novelty.test) };
      const detector = new Novelty({ nu: 0.1, ...options }).fit(task.train);
      expectDecisions(detector, task, golden, 1e-2 * largest(golden.decision_function));
      const auc = rocAucScore(
        detector.decisionFunction(task.test).map((value) => -value),
        novelty.anomalies,
      );
      expect(Math.abs(auc - golden.roc_auc)).toBeLessThanOrEqual(0.01);
    });
  }
});

interface UnitGolden {
  X: number[][];
  T: number[][];
  predict: number[];
  score_samples: number[];
  offset: number;
  intercept: number;
  dual_coef: number[];
  support: number[];
}

test('the example of the documentation', () => {
  const golden = unit<UnitGolden>('ocsvm_doc');
  const detector = new Novelty({ gamma: 'auto' }).fit(golden.X);
  expectNear(detector.scoreSamples(golden.X), golden.score_samples, 2e-3);
  expectNear([detector.offset], [golden.offset], 2e-3);
  expect([...detector.predict(golden.X)]).toEqual(golden.predict);
});

test('41: six points', () => {
  const golden = unit<UnitGolden>('ocsvm_test');
  const detector = new Novelty().fit(golden.X);
  expect([...detector.predict(golden.T)]).toEqual(golden.predict);
  expectNear([-detector.offset], [golden.intercept], 2e-3);
  expectNear(detector.fitted.dualCoef, golden.dual_coef, 2e-3);
  expect([...detector.fitted.support]).toEqual(golden.support);
});

const cluster = (seed: number, n: number, scale = 0.3) => {
  const values = key(seed).normal([n, 2], { std: scale });
  return Array.from({ length: n }, (_, i) => {
    const sign = i % 2 ? 2 : -2;
    return [values[2 * i]! + sign, values[2 * i + 1]! + sign];
  });
};

test('42, 43: a boundary around two clusters', () => {
  const detector = new Novelty({ nu: 0.1, gamma: 0.1 }).fit(cluster(1, 100));
  const inside = detector.predict(cluster(2, 40));
  expect(inside.filter((label) => label === 1).length).toBeGreaterThan(0.9 * 40);
  const uniform = key(3).uniform([200, 2], { min: -8, max: 8 });
  const far = Array.from({ length: 200 }, (_, i) => [uniform[2 * i]!, uniform[2 * i + 1]!]).filter(
    ([x, y]) => Math.hypot(x!, y!) > 5,
  );
  expect(detector.predict(far).filter((label) => label === -1).length).toBeGreaterThan(0.9 * far.length);
  const [decisions, scores] = [detector.decisionFunction(far), detector.scoreSamples(far)];
  for (let i = 0; i < far.length; i++) expect(decisions[i]).toBe(scores[i]! - detector.offset);
});

test('46: nu lies between the share of training errors and that of support vectors', () => {
  for (const nu of [0.05, 0.2, 0.5, 0.9]) {
    const detector = new Outlier({ nu, tol: 1e-6 });
    detector.fitPredict(cluster(4, 200, 1));
    const decisions = detector.scores.map((score) => score - detector.offset);
    const errors = decisions.filter((decision) => decision < -1e-6).length;
    expect(errors / 200).toBeLessThanOrEqual(nu + 1e-9);
    expect(detector.fitted.support.length / 200).toBeGreaterThanOrEqual(nu - 1e-9);
  }
});

test('nu = 1 takes every row to its bound', () => {
  const { fitted } = new Novelty({ nu: 1 }).fit(cluster(5, 20));
  expect([...fitted.dualCoef].every((alpha) => alpha === 1)).toBe(true);
});

test('45, 16: weights are upper bounds; rows without weight do not count', () => {
  const rows = cluster(6, 60);
  const plain = new Novelty({ nu: 0.2, tol: 1e-7 }).fit(rows);
  const ones = new Novelty({ nu: 0.2, tol: 1e-7 }).fit(rows, { sampleWeight: rows.map(() => 1) });
  expect(ones.fitted).toEqual(plain.fitted);
  const more = new Novelty({ nu: 0.2, tol: 1e-7 }).fit([...rows, [90, 90]], {
    sampleWeight: [...rows.map(() => 1), 0],
  });
  // gamma is that of all rows; with the same gamma the solutions are the same
  const { gamma } = more.fitted;
  const same = new Novelty({ nu: 0.2, tol: 1e-7, gamma }).fit(rows);
  expect(more.fitted.dualCoef).toEqual(same.fitted.dualCoef);
  for (const weight of [0, -1]) {
    expect(() => new Novelty().fit(rows, { sampleWeight: rows.map(() => weight) })).toThrow(
      'Invalid input - all samples have zero or negative weights.',
    );
  }
  const heavy = new Novelty({ nu: 0.2, tol: 1e-7 }).fit(rows, { sampleWeight: rows.map((_, i) => (i < 5 ? 4 : 1)) });
  expectNear([sum(heavy.fitted.dualCoef)], [0.2 * 75], 1e-9);
});

test('every kernel: precomputed and as a function give what the named one gives', () => {
  const [rows, later] = [cluster(7, 50), cluster(8, 12)];
  const rbf = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Math.exp(-0.3 * ((a[0]! - b[0]!) ** 2 + (a[1]! - b[1]!) ** 2));
  const table = (a: number[][], b: number[][]) => a.map((x) => b.map((y) => rbf(x, y)));
  const options = { nu: 0.3, tol: 1e-9 } as const;
  const expected = new Novelty({ ...options, gamma: 0.3 }).fit(rows).decisionFunction(later);
  const byFunction = new Novelty({ ...options, kernel: rbf }).fit(rows);
  expectNear(byFunction.decisionFunction(later), expected, 1e-5, largest(expected));
  const byTable = new Novelty({ ...options, kernel: 'precomputed' }).fit(table(rows, rows));
  expectNear(byTable.decisionFunction(table(later, rows)), expected, 1e-5, largest(expected));
  const weighted = new Novelty({ ...options, kernel: 'precomputed' }).fit(table(rows, rows), {
    sampleWeight: rows.map((_, i) => (i === 3 ? 0 : 1)),
  });
  expect([...weighted.fitted.support]).not.toContain(3);
  expect(
    new Novelty({ kernel: 'sigmoid', gamma: 0.1, coef0: 1 }).fit(rows).scoreSamples(later).every(Number.isFinite),
  ).toBe(true);
  expect(() => new Novelty({ kernel: () => Number.NaN }).fit(rows)).toThrow('the kernel function gives NaN');
});

test('the weights of a linear kernel, which others have not', () => {
  const rows = cluster(9, 30).map(([x, y]) => [x! + 6, y! + 6]);
  const detector = new Novelty({ kernel: 'linear', nu: 0.2 }).fit(rows);
  const [a, b] = detector.coefficients;
  expectNear(
    detector.scoreSamples(rows),
    rows.map(([x, y]) => a! * x! + b! * y!),
    1e-12,
  );
  expect(() => new Novelty().fit(rows).coefficients).toThrow('coef_ is only available when using a linear kernel');
});

test('17: the number of steps is told; a solver that may not go on says so', async () => {
  expect(new Novelty().fit(cluster(10, 40)).fitted.nIter).toBeGreaterThanOrEqual(1);
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const { fitted } = new Novelty({ maxIter: 2 }).fit(cluster(10, 40));
  expect(fitted).toMatchObject({ nIter: 2, fitStatus: 1 });
  expect((await warned).message).toContain('the solver stopped after 2 steps');
});

test('a small cache gives the same solution', () => {
  const rows = cluster(11, 300, 1);
  const [small, large] = [0.003, 200].map((cacheSize) => new Novelty({ nu: 0.3, cacheSize }).fit(rows).fitted);
  expect(small).toEqual(large);
});
