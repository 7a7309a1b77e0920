import { key } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { expectNear, unit } from '../../test/oracle';
import { OneClassSVM, SGDOneClassSVM } from '../novelty';
import { Nystroem } from '../svm/nystroem';

interface Golden {
  X: number[][];
  T: number[][];
  nu: number;
  eta0: number;
  learning_rate: 'constant';
  shuffle: boolean;
  max_iter: number;
  coef: number[];
  offset: number;
  score_samples: number[];
  predict: number[];
}

const golden = unit<Golden>('sgd_ocsvm_test');
const rule = {
  nu: golden.nu,
  eta0: golden.eta0,
  learningRate: golden.learning_rate,
  shuffle: golden.shuffle,
} as const;

test('47: one time through the data at a constant rate', () => {
  const detector = new SGDOneClassSVM({ ...rule, maxIter: golden.max_iter, tol: 'none' }).fit(golden.X);
  expectNear(detector.fitted.coefficients, golden.coef, 1e-9);
  expectNear([detector.offset], [golden.offset], 1e-9);
  expectNear(detector.scoreSamples(golden.T), golden.score_samples, 1e-9);
  expect([...detector.predict(golden.T)]).toEqual(golden.predict);
});

const normal = (seed: number, n: number, d: number) => {
  const values = key(seed).normal([n, d]);
  return Array.from({ length: n }, (_, i) => [...values.subarray(i * d, (i + 1) * d)]);
};

describe('48: one time through the data, averages, and after a Nystroem map', () => {
  test.each(['constant', 'optimal', 'invscaling', 'adaptive'] as const)(
    'partialFit is one time through the data: %s',
    (learningRate) => {
      const rows = normal(1, 50, 3);
      const options = { learningRate, eta0: 0.05, nu: 0.1 } as const;
      const once = new SGDOneClassSVM({ ...options, maxIter: 1, tol: 'none' }).fit(rows);
      const partly = new SGDOneClassSVM(options).partialFit(rows);
      expect(partly.fitted).toEqual(once.fitted);
      const twice = new SGDOneClassSVM({ ...options, maxIter: 2, tol: 'none' }).fit(rows);
      partly.partialFit(rows);
      // The rate of `adaptive` and the scale of the weights begin anew with each call.
      expectNear(partly.fitted.coefficients, twice.fitted.coefficients, 1e-12, 1);
      expect(partly.offset).toBeCloseTo(twice.offset, 12);
      expect(partly.fitted.t).toBe(101);
    },
  );

  test('averages are the means of all steps', () => {
    const rows = normal(2, 40, 2);
    const options = { learningRate: 'constant', eta0: 0.02, nu: 0.3, shuffle: false, maxIter: 1, tol: 'none' } as const;
    const averaged = new SGDOneClassSVM({ ...options, average: true }).fit(rows).fitted;
    // the definition, step by step
    const w = [0, 0];
    const mean = [0, 0];
    let [b, meanB] = [1, 0];
    const alpha = 0.15;
    for (const [x, y] of rows) {
      const inside = w[0]! * x! + w[1]! * y! + b > 1;
      for (const f of [0, 1]) w[f] = w[f]! * (1 - 0.02 * alpha) + (inside ? 0 : 0.02 * [x!, y!][f]!);
      b += (inside ? 0 : 0.02) - 2 * 0.02 * alpha;
      for (const f of [0, 1]) mean[f]! += w[f]! / 40;
      meanB += b / 40;
    }
    expectNear(averaged.coefficients, mean, 1e-10);
    expectNear([averaged.rho], [1 - meanB], 1e-10);
    expectNear(averaged.coef, w, 1e-10);
    const late = new SGDOneClassSVM({ ...options, average: 1000 }).fit(rows).fitted;
    expectNear(late.coefficients, w, 1e-10);
  });

  test('after a Nystroem map it agrees with the support vector machine', () => {
    const cluster = (seed: number, n: number) =>
      normal(seed, n, 2).map(([x, y], i) => [0.3 * x! + (i % 2 ? 2 : -2), 0.3 * y! + (i % 2 ? 2 : -2)]);
    const [train, later] = [cluster(3, 1000), cluster(4, 300)];
    const [nu, gamma] = [0.05, 2];
    const exact = new OneClassSVM({ nu, gamma }).fit(train);
    const map = new Nystroem({ gamma, nComponents: 100 }).fit(train);
    const detector = new SGDOneClassSVM({ nu, maxIter: 60, average: true, tol: 'none' }).fit(map.transform(train));
    const [a, b] = [exact.scoreSamples(later), detector.scoreSamples(map.transform(later))];
    const same = exact.predict(later).filter((label, i) => label === detector.predict(map.transform(later))[i]).length;
    expect(same).toBeGreaterThanOrEqual(0.99 * later.length);
    const [ma, mb] = [a, b].map((s) => s.reduce((sum, v) => sum + v / s.length, 0));
    const product = (u: Float64Array, v: Float64Array, mu: number, mv: number) =>
      u.reduce((sum, value, i) => sum + (value - mu) * (v[i]! - mv), 0);
    expect(product(a, b, ma!, mb!) / Math.sqrt(product(a, a, ma!, ma!) * product(b, b, mb!, mb!))).toBeGreaterThan(0.9);
  });
});

test('weights count as repetitions of a step; one of zero as none', () => {
  const rows = normal(5, 30, 2);
  const options = { shuffle: false, maxIter: 1, tol: 'none', learningRate: 'constant', eta0: 0.1 } as const;
  const ones = new SGDOneClassSVM(options).fit(rows, { sampleWeight: rows.map(() => 1) });
  expect(ones.fitted).toEqual(new SGDOneClassSVM(options).fit(rows).fitted);
  const none = new SGDOneClassSVM(options).fit(rows, { sampleWeight: rows.map(() => 0) });
  expect([...none.fitted.coefficients]).toEqual([0, 0]);
});

test('a rate of nothing is refused, and one that is too large is told', () => {
  expect(() => new SGDOneClassSVM({ learningRate: 'constant' })).toThrow("above 0 where learningRate is 'constant'");
  const huge = normal(6, 30, 2).map((row) => row.map((value) => value * 1e200));
  expect(() => new SGDOneClassSVM({ learningRate: 'constant', eta0: 1e200 }).fit(huge)).toThrow(
    'Floating-point under-/overflow occurred',
  );
});

test('17: the number of times is told; a descent cut short says so', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  expect(new SGDOneClassSVM({ maxIter: 2 }).fit(normal(7, 40, 2)).fitted.nIter).toBe(2);
  expect((await warned).message).toContain('Maximum number of iteration reached before convergence');
  const { nIter } = new SGDOneClassSVM().fit(normal(7, 40, 2)).fitted;
  expect(nIter).toBeGreaterThan(2);
  expect(nIter).toBeLessThan(1000);
});
