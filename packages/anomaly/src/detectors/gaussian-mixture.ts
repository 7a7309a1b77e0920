import { ConfigError, type Key, key, ShapeError } from '@dl/core';
import { kMeans } from '../clustering/k-means';
import type { Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, random, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import type { Kernels } from '../kernels.generated';
import { cholesky, invertLower } from '../linear-algebra/cholesky';
import { withKernels } from '../memory/kernels';
import type { Lease } from '../memory/lease';

/** Options of `GaussianMixture`. */
export interface GaussianMixtureOptions extends ShareOptions {
  /**
   * How many normal distributions.
   * @default 1
   */
  nComponents?: number;
  /**
   * Added to the diagonal of every covariance.
   * @default 1e-6
   */
  regCovar?: number;
  /**
   * Stops where the mean log-likelihood of a row gains less.
   * @default 1e-3
   */
  tol?: number;
  /**
   * Steps at most.
   * @default 100
   */
  maxIter?: number;
  /**
   * Starts, of which the best is kept.
   * @default 1
   */
  nInit?: number;
  /**
   * What k-means, which gives the first means, starts from.
   * @default key(0)
   */
  key?: Key;
}

/** What a fitted `GaussianMixture` keeps. */
export type GaussianMixtureState = {
  /** Shares of the components, `[components]`. */
  weights: Float64Array;
  /** `[components, features]` */
  means: Float64Array;
  /** `[components, features, features]` */
  covariances: Float64Array;
  /** L^-1 of each covariance L L', lower triangular. `[components, features, features]` */
  whitenings: Float64Array;
  /** Steps taken. */
  nIter: number;
  /** 1 where the gain fell below `tol`, else 0. */
  converged: number;
};

const NAME = 'GaussianMixture';

/**
 * The log-likelihood of a row under a mixture of normal distributions with full covariances, fitted by expectation and
 * maximisation from k-means: score = ln sum over components of weight N(x; mean, covariance).
 * Dempster, Laird, Rubin (1977); scikit-learn's `GaussianMixture.score_samples`.
 */
export const gaussianMixture: Definition<GaussianMixtureOptions, GaussianMixtureState> = {
  name: NAME,
  ranges: {
    ...shareRanges,
    nComponents: whole(1),
    regCovar: between(1e-6, '[)', 0),
    tol: between(1e-3, '[)', 0),
    maxIter: whole(100),
    nInit: whole(1),
    key: random(key(0)),
  },
  fit(rows, options) {
    const { nComponents, nInit } = options;
    if (rows.rows < Math.max(2, nComponents)) {
      throw new ShapeError(
        NAME,
        `Expected n_samples >= n_components but got n_components = ${nComponents}, n_samples = ${rows.rows}: ` +
          'a minimum of 2 is required',
      );
    }
    let best: Fit | undefined;
    for (let start = 0; start < nInit; start++) {
      const fit = expectationMaximisation(rows, options, options.key.fold(start));
      if (best === undefined || fit.likelihood > best.likelihood) best = fit;
    }
    if (best!.state.converged === 0) {
      warn(
        NAME,
        `did not converge in ${options.maxIter} steps; try another start, more steps, or check for degenerate data`,
      );
    }
    return { state: best!.state, scores: best!.scores };
  },
  score: (state, rows) =>
    withKernels((kernels, lease) => logLikelihoods(densitiesOf(kernels, lease, rows, state), rows.rows).scores),
  layout: {
    weights: 'float64',
    means: 'float64',
    covariances: 'float64',
    whitenings: 'float64',
    nIter: 'number',
    converged: 'number',
  },
  faultOf({ weights, means, covariances, whitenings }, columns) {
    const k = weights.length;
    if (k === 0 || means.length !== k * columns) return `${means.length} numbers for ${k} means of ${columns} features`;
    return covariances.length === k * columns ** 2 && whitenings.length === k * columns ** 2
      ? undefined
      : `not ${k} covariances of ${columns} by ${columns} features`;
  },
};

interface Fit {
  state: GaussianMixtureState;
  scores: Float64Array;
  likelihood: number;
}

type Mixture = Omit<GaussianMixtureState, 'nIter' | 'converged'>;

function expectationMaximisation(rows: Matrix, options: Complete<GaussianMixtureOptions>, from: Key): Fit {
  const { rows: n, columns: d } = rows;
  const { nComponents: k, maxIter, tol, regCovar } = options;
  return withKernels((kernels, lease) => {
    const x = lease.put(rows.data);
    const { labels } = kMeans(rows, k, from);
    // [components, rows]
    let shares: Float64Array = new Float64Array(k * n);
    for (let i = 0; i < n; i++) shares[labels[i]! * n + i] = 1;
    const maximise = maximiser(kernels, lease, x, n, d, k, regCovar);
    const evaluate = evaluator(kernels, lease, x, n, d, k);
    let mixture = maximise(shares);
    let likelihood = Number.NEGATIVE_INFINITY;
    let converged = 0;
    let nIter = 0;
    while (nIter < maxIter && converged === 0) {
      nIter++;
      const expected = logLikelihoods(evaluate(mixture), n);
      shares = expected.shares;
      mixture = maximise(shares);
      if (Math.abs(expected.mean - likelihood) < tol) converged = 1;
      likelihood = expected.mean;
    }
    const { scores, mean } = logLikelihoods(evaluate(mixture), n);
    return { state: { ...mixture, nIter, converged }, scores, likelihood: mean };
  });
}

/** The maximisation step: weights, means and covariances by the share that each component has in each row. */
function maximiser(kernels: Kernels, lease: Lease, x: number, n: number, d: number, k: number, regCovar: number) {
  const [weights, mean, sums] = [lease.bytes(8 * n), lease.bytes(8 * d), lease.bytes(8 * d * d)];
  const scratch = lease.bytes(kernels.scatterScratch(d));
  return (shares: Float64Array): Mixture => {
    const mixture = {
      weights: new Float64Array(k),
      means: new Float64Array(k * d),
      covariances: new Float64Array(k * d * d),
      whitenings: new Float64Array(k * d * d),
    };
    for (let c = 0; c < k; c++) {
      lease.write(weights, shares.subarray(c * n, (c + 1) * n));
      const total = kernels.scatter(n, d, x, 0, weights, 0, mean, sums, scratch) + 10 * Number.EPSILON;
      mixture.weights[c] = total / n;
      mixture.means.set(lease.float64(mean, d), c * d);
      const covariance = lease.float64(sums, d * d).map((sum) => sum / total);
      for (let f = 0; f < d; f++) covariance[f * (d + 1)]! += regCovar;
      const l = cholesky(covariance, d);
      if (l === undefined) {
        throw new ConfigError(
          NAME,
          'Fitting the mixture model failed because some components have ill-defined empirical covariance',
          'try to decrease nComponents, or increase regCovar',
        );
      }
      mixture.covariances.set(covariance, c * d * d);
      mixture.whitenings.set(invertLower(l, d), c * d * d);
    }
    return mixture;
  };
}

/** ln (weight N(x; mean, covariance)) of each component and row, `[components, rows]`. */
function evaluator(kernels: Kernels, lease: Lease, x: number, n: number, d: number, k: number) {
  const [mean, w, out] = [lease.bytes(8 * d), lease.bytes(8 * d * d), lease.bytes(8 * n)];
  const packed = lease.bytes(kernels.panelBytes(d, d));
  const scratch = lease.bytes(kernels.squaredLengthsScratch(d));
  return ({ weights, means, whitenings }: Mixture): Float64Array => {
    const densities = new Float64Array(k * n);
    for (let c = 0; c < k; c++) {
      const whitening = whitenings.subarray(c * d * d, (c + 1) * d * d);
      let logScale = Math.log(weights[c]!) - 0.5 * d * Math.log(2 * Math.PI);
      for (let f = 0; f < d; f++) logScale += Math.log(whitening[f * (d + 1)]!);
      lease.write(mean, means.subarray(c * d, (c + 1) * d));
      lease.write(w, whitening);
      kernels.packRows(d, d, w, packed);
      kernels.squaredLengths(n, d, d, x, mean, packed, 1, out, scratch);
      const lengths = lease.float64(out, n);
      for (let i = 0; i < n; i++) densities[c * n + i] = logScale - 0.5 * lengths[i]!;
    }
    return densities;
  };
}

function densitiesOf(kernels: Kernels, lease: Lease, rows: Matrix, mixture: Mixture): Float64Array {
  const { rows: n, columns: d } = rows;
  return evaluator(kernels, lease, lease.put(rows.data), n, d, mixture.weights.length)(mixture);
}

/** The log-likelihood of each row, and the share each component has in it; `densities` becomes the shares. */
function logLikelihoods(densities: Float64Array, n: number) {
  const k = densities.length / n;
  const scores = new Float64Array(n);
  let mean = 0;
  for (let i = 0; i < n; i++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) largest = Math.max(largest, densities[c * n + i]!);
    let sum = 0;
    for (let c = 0; c < k; c++) {
      const share = Math.exp(densities[c * n + i]! - largest);
      densities[c * n + i] = share;
      sum += share;
    }
    for (let c = 0; c < k; c++) densities[c * n + i]! /= sum;
    scores[i] = largest + Math.log(sum);
    mean += scores[i]! / n;
  }
  return { scores, mean, shares: densities };
}
