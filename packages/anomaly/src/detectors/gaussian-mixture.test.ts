import { key, rocAucScore } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { dataSets, expectNear } from '../../test/oracle';
import { GaussianMixture, Mahalanobis } from '../novelty';

interface Golden {
  n_components: number;
  reg_covar: number;
  n_init: number;
  roc_auc: number;
}

describe.each(dataSets())('$name', ({ outlier, novelty }) => {
  test.each([
    ['outlier', outlier],
    ['novelty', novelty],
  ] as const)('%s task: as good as scikit-learn', (_, task) => {
    const golden = task.block<Golden>('gmm')!;
    const detector = new GaussianMixture({
      nComponents: golden.n_components,
      regCovar: golden.reg_covar,
      nInit: golden.n_init,
    }).fit(task.train);
    const auc = rocAucScore(
      detector.scoreSamples(task.test).map((s) => -s),
      task.anomalies,
    );
    expect(auc).toBeGreaterThanOrEqual(golden.roc_auc - 0.03);
  });
});

const clusters = (n: number) => {
  const values = key(1).normal([n, 2]);
  return Array.from({ length: n }, (_, i) =>
    i % 4 === 0 ? [values[2 * i]! * 0.5 + 6, values[2 * i + 1]! + 1] : [values[2 * i]!, values[2 * i + 1]! * 2],
  );
};

test('one component is the normal distribution of the rows', () => {
  const rows = clusters(200);
  const { means, covariances } = new GaussianMixture({ regCovar: 0 }).fit(rows).fitted;
  const { location, covariance } = new Mahalanobis().fit(rows).fitted;
  expectNear(means, location, 1e-12, 1);
  expectNear(covariances, covariance, 1e-12, 1);
});

test('the score is the logarithm of a density: it adds up to one', () => {
  const detector = new GaussianMixture({ nComponents: 2, tol: 1e-6 }).fit(clusters(400));
  const { weights, means } = detector.fitted;
  expect([...weights].sort()).toEqual([expect.closeTo(0.25, 2), expect.closeTo(0.75, 2)]);
  expect(Math.max(means[0]!, means[2]!)).toBeCloseTo(6, 0);
  const step = 0.1;
  const grid = Array.from({ length: 200 * 240 }, (_, i) => [-8 + (i % 200) * step, -12 + Math.floor(i / 200) * step]);
  const total = detector.scoreSamples(grid).reduce((sum, score) => sum + Math.exp(score) * step * step, 0);
  expect(total).toBeCloseTo(1, 4);
});

test('more starts do not make it worse', () => {
  const rows = clusters(150);
  const likelihood = (nInit: number) =>
    new GaussianMixture({ nComponents: 4, nInit })
      .fit(rows)
      .scoreSamples(rows)
      .reduce((a, b) => a + b);
  expect(likelihood(8)).toBeGreaterThanOrEqual(likelihood(1) - 1e-9);
});

test('what it cannot fit', async () => {
  expect(() => new GaussianMixture({ nComponents: 5 }).fit([[1], [2], [3]])).toThrow('n_components = 5, n_samples = 3');
  expect(() =>
    new GaussianMixture({ regCovar: 0 }).fit([
      [1, 1],
      [2, 2],
      [3, 3],
    ]),
  ).toThrow('ill-defined empirical covariance');
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  new GaussianMixture({ nComponents: 3, maxIter: 1 }).fit(clusters(100));
  expect((await warned).message).toContain('did not converge in 1 steps');
});
