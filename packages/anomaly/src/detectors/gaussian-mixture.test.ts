import { key, rocAucScore } from '@dl/core';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { describe, expect, test } from 'vitest';
import { dataSets, expectNear } from '../../test/oracle';
import { GaussianMixture, Mahalanobis } from '../novelty';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';

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

const types = ['full', 'tied', 'diag', 'spherical'] as const;

test.each(types)('the score is the logarithm of a density: it adds up to one (%s)', (covarianceType) => {
  const detector = new GaussianMixture({ nComponents: 2, tol: 1e-6, covarianceType }).fit(clusters(400));
  const { weights, means } = detector.fitted;
  expect([...weights].sort()).toEqual([expect.closeTo(0.25, 1), expect.closeTo(0.75, 1)]);
  expect(Math.max(means[0]!, means[2]!)).toBeCloseTo(6, 0);
  const step = 0.1;
  const grid = Array.from({ length: 200 * 240 }, (_, i) => [-8 + (i % 200) * step, -12 + Math.floor(i / 200) * step]);
  const total = detector.scoreSamples(grid).reduce((sum, score) => sum + Math.exp(score) * step * step, 0);
  expect(total).toBeCloseTo(1, 4);
});

test('one component of each type is what the covariance of the rows gives', () => {
  const rows = clusters(200);
  const { covariance } = new Mahalanobis().fit(rows).fitted;
  const of = (covarianceType: (typeof types)[number]) =>
    new GaussianMixture({ regCovar: 0, covarianceType }).fit(rows).fitted.covariances;
  expectNear(of('tied'), covariance, 1e-12, 1);
  expectNear(of('diag'), [covariance[0]!, covariance[3]!], 1e-12, 1);
  expectNear(of('spherical'), [(covariance[0]! + covariance[3]!) / 2], 1e-12, 1);
});

/** scikit-learn 1.2.1 on the same rows: `GaussianMixture(3, covariance_type=..., tol=1e-10, max_iter=2000, n_init=5)`. */
const pinned = {
  full: {
    weights: [0.3324269483221753, 0.3964874067143841, 0.27108564496344056],
    scores: [-3.5256611527155153, -5.299201608895527, -38.27747970021687],
    first: [0.6068626435798081, 0.013465730077157703, -0.12588875396482507, 0.013465730077157708, 1.9217407285861838],
  },
  tied: {
    weights: [0.3406483838707773, 0.34939096565567196, 0.3099606504735507],
    scores: [-4.210469090518019, -5.214410615101915, -57.46486719528418],
    first: [2.091336971998725, 0.7059849365364368, 0.14128759011443354, 0.7059849365364368, 2.31210196581348],
  },
  diag: {
    weights: [0.3305033139786508, 0.3217796037785747, 0.3477170822427746],
    scores: [-3.5904995421771155, -5.340702887884116, -47.27692468265154],
    first: [0.599162685303117, 1.916981723647615, 0.5016904480430692],
  },
  spherical: {
    weights: [0.3375431371778117, 0.3403269270678679, 0.3221299357543205],
    scores: [-3.8818301403340008, -4.89262068805247, -63.516984262237116],
    first: [1.0235785864421032],
  },
};

test.each(types)("%s covariances: scikit-learn's weights, covariances and scores", (covarianceType) => {
  const rows = Array.from({ length: 90 }, (_, i) => [
    (i % 3) * 4 + Math.sin(i * i) * (1 + (i % 3)),
    Math.cos(3 * i) * 2 - (i % 3) * 3 + 0.5 * Math.sin(i * i),
    Math.sin(5 * i),
  ]);
  const options = { nComponents: 3, covarianceType, tol: 1e-10, maxIter: 2000, nInit: 5 };
  const detector = new GaussianMixture(options).fit(rows);
  const { weights, means, covariances } = detector.fitted;
  const order = [0, 1, 2].sort((a, b) => means[3 * a]! - means[3 * b]!);
  const golden = pinned[covarianceType];
  expectNear(
    order.map((c) => weights[c]!),
    golden.weights,
    1e-4,
    1,
  );
  const start = covarianceType === 'tied' ? 0 : (order[0]! * covariances.length) / 3;
  expectNear(covariances.subarray(start, start + golden.first.length), golden.first, 1e-3, 1);
  expectNear(
    detector.scoreSamples([
      [0, 0, 0],
      [4, -3, 1],
      [20, 5, -2],
    ]),
    golden.scores,
    1e-3,
    1,
  );
  const copy = decodeDetector(encodeDetector(detector)) as GaussianMixture;
  expect(copy.scoreSamples(rows)).toEqual(detector.scoreSamples(rows));
});

test('a file with covariances of another type is refused', () => {
  const { tensors, metadata } = decodeSafetensors(
    encodeDetector(new GaussianMixture({ covarianceType: 'diag' }).fit(clusters(50))),
  );
  const entries = [...tensors].map(([name, { dtype, shape }]) => {
    return [name, { dtype, shape, data: tensors.get(name)!.data() }] as const;
  });
  const options = metadata.get('options')!.replace('diag', 'full');
  const bytes = encodeSafetensors(new Map(entries), new Map([...metadata, ['options', options]]));
  expect(() => decodeDetector(bytes)).toThrow('2 numbers of 1 full covariances of 2 features');
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
