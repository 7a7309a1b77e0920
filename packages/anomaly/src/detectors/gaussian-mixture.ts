import { type Key, key, ShapeError } from '@dl/core';
import { kMeans } from '../clustering/k-means';
import type { Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, oneOf, random, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { withKernels } from '../memory/kernels';
import { diagonalSteps } from '../mixtures/diagonal-covariance';
import { fullSteps } from '../mixtures/full-covariance';
import { type CovarianceType, covarianceSize, type Mixture, type Steps } from '../mixtures/mixture';

/** Options of `GaussianMixture`. */
export interface GaussianMixtureOptions extends ShareOptions {
  /**
   * How many normal distributions.
   * @default 1
   */
  nComponents?: number;
  /**
   * `full`: each has a covariance of its own; `tied`: all have the same; `diag`: in each the features vary independently;
   * `spherical`: in each all features vary alike. The fewer numbers, the fewer rows they take.
   * @default 'full'
   */
  covarianceType?: CovarianceType;
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
export type GaussianMixtureState = Mixture & {
  /** Steps taken. */
  nIter: number;
  /** 1 where the gain fell below `tol`, else 0. */
  converged: number;
};

const NAME = 'GaussianMixture';

/**
 * The log-likelihood of a row under a mixture of normal distributions, fitted by expectation and maximisation from k-means:
 * score = ln sum over components of weight N(x; mean, covariance).
 * Dempster, Laird, Rubin (1977); scikit-learn's `GaussianMixture.score_samples`.
 */
export const gaussianMixture: Definition<GaussianMixtureOptions, GaussianMixtureState> = {
  name: NAME,
  ranges: {
    ...shareRanges,
    nComponents: whole(1),
    covarianceType: oneOf('full', ['full', 'tied', 'diag', 'spherical']),
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
  score: (state, rows, options) =>
    withSteps(
      rows,
      state.weights.length,
      options,
      ({ densities }) => logLikelihoods(densities(state), rows.rows).scores,
    ),
  layout: {
    weights: 'float64',
    means: 'float64',
    covariances: 'float64',
    whitenings: 'float64',
    nIter: 'number',
    converged: 'number',
  },
  faultOf({ weights, means, covariances, whitenings }, columns, { covarianceType }) {
    const k = weights.length;
    if (k === 0 || means.length !== k * columns) return `${means.length} numbers for ${k} means of ${columns} features`;
    const size = covarianceSize(covarianceType, k, columns);
    return covariances.length === size && whitenings.length === size
      ? undefined
      : `${covariances.length} numbers of ${k} ${covarianceType} covariances of ${columns} features`;
  },
};

interface Fit {
  state: GaussianMixtureState;
  scores: Float64Array;
  likelihood: number;
}

function expectationMaximisation(rows: Matrix, options: Complete<GaussianMixtureOptions>, from: Key): Fit {
  const { rows: n } = rows;
  const { nComponents: k, maxIter, tol } = options;
  const { labels } = kMeans(rows, k, from);
  // [components, rows]
  let shares: Float64Array = new Float64Array(k * n);
  for (let i = 0; i < n; i++) shares[labels[i]! * n + i] = 1;
  return withSteps(rows, k, options, ({ maximise, densities }) => {
    let mixture = maximise(shares);
    let likelihood = Number.NEGATIVE_INFINITY;
    let converged = 0;
    let nIter = 0;
    while (nIter < maxIter && converged === 0) {
      nIter++;
      const expected = logLikelihoods(densities(mixture), n);
      shares = expected.shares;
      mixture = maximise(shares);
      if (Math.abs(expected.mean - likelihood) < tol) converged = 1;
      likelihood = expected.mean;
    }
    const { scores, mean } = logLikelihoods(densities(mixture), n);
    return { state: { ...mixture, nIter, converged }, scores, likelihood: mean };
  });
}

/** Both steps on these rows, for as long as `use` takes. */
function withSteps<T>(rows: Matrix, k: number, options: Complete<GaussianMixtureOptions>, use: (steps: Steps) => T): T {
  const { covarianceType, regCovar } = options;
  if (covarianceType === 'diag' || covarianceType === 'spherical') {
    return use(diagonalSteps(rows, k, { spherical: covarianceType === 'spherical', regCovar }));
  }
  return withKernels((kernels, lease) => {
    const x = lease.put(rows.data);
    return use(
      fullSteps(kernels, lease, x, [rows.rows, rows.columns, k], { tied: covarianceType === 'tied', regCovar }),
    );
  });
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
      const behind = densities[c * n + i]! - largest;
      const share = behind < -746 ? 0 : Math.exp(behind); // exp gives 0 there, after a longer way
      densities[c * n + i] = share;
      sum += share;
    }
    for (let c = 0; c < k; c++) densities[c * n + i]! /= sum;
    scores[i] = largest + Math.log(sum);
    mean += scores[i]! / n;
  }
  return { scores, mean, shares: densities };
}
