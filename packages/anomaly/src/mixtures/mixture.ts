/** How the covariances of the components are bound. scikit-learn's `covariance_type`. */
export type CovarianceType = 'full' | 'tied' | 'diag' | 'spherical';

/** A mixture of normal distributions. */
export type Mixture = {
  /** Shares of the components, `[components]`. */
  weights: Float64Array;
  /** `[components, features]` */
  means: Float64Array;
  /**
   * Covariances: `full` one for each component, `[components, features, features]`; `tied` one for all, `[features, features]`;
   * `diag` the variance of each feature, `[components, features]`; `spherical` one variance, `[components]`.
   */
  covariances: Float64Array;
  /** L^-1 of each covariance L L', lower triangular; of variances 1 / the standard deviation. Of the same size. */
  whitenings: Float64Array;
};

/** The two steps of expectation and maximisation, on rows that they were given. */
export interface Steps {
  /**
   * Weights, means and covariances by the share that each component has in each row.
   *
   * @param shares `[components, rows]`
   * @throws ConfigError for a covariance that is none
   */
  readonly maximise: (shares: Float64Array) => Mixture;
  /** ln (weight N(x; mean, covariance)) of each component and row, `[components, rows]`. */
  readonly densities: (mixture: Mixture) => Float64Array;
}

/** Numbers of the covariances of k components over d features. */
export function covarianceSize(type: CovarianceType, k: number, d: number): number {
  return { full: k * d * d, tied: d * d, diag: k * d, spherical: k }[type];
}

/** Nothing is divided by less. */
export const LEAST_TOTAL = 10 * Number.EPSILON;
