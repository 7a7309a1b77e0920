import type { Matrix } from '../data/matrix';
import { type AutoOptions, autoRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { oneOf } from '../detector/ranges';
import { type Moments, momentsOf } from '../linear-algebra/covariance';
import { precisionOf, squaredDistances, whiteningOf } from '../linear-algebra/whitening';
import { chiSquareQuantile } from '../statistics/chi-square';
import { distanceContributions, faultOfWhitening, whiteningIn } from './mahalanobis-state';

/** Options of `Mahalanobis`. */
export interface MahalanobisOptions extends AutoOptions {
  /**
   * The covariance of the training rows as it is, or shrunk towards a sphere by as much as Ledoit and Wolf find best: for
   * few rows with many features.
   * @default 'empirical'
   */
  covariance?: 'empirical' | 'ledoitWolf';
}

/** What a fitted `Mahalanobis` keeps. */
export type MahalanobisState = {
  /** Mean, `[features]`. */
  location: Float64Array;
  /** Covariance, `[features, features]`. */
  covariance: Float64Array;
  /** Its inverse, or pseudo-inverse. `[features, features]` */
  precision: Float64Array;
  /** W with W' W the precision. */
  whitening: Float64Array;
  /** How far the covariance was shrunk, from 0 to 1. */
  shrinkage: number;
};

/**
 * The negative squared Mahalanobis distance from the mean: -(x - m)' S^-1 (x - m). `auto` puts the threshold at the 97.5 %
 * quantile of chi-square, beyond which one of 40 normal rows lies. Where outliers are in the training data, they pull
 * mean and covariance: see `EllipticEnvelope`. Mahalanobis (1936); Ledoit, Wolf (2004); scikit-learn's
 * `EmpiricalCovariance` and `LedoitWolf`.
 */
export const mahalanobis: Definition<MahalanobisOptions, MahalanobisState> = {
  name: 'Mahalanobis',
  ranges: { ...autoRanges, covariance: oneOf('empirical', ['empirical', 'ledoitWolf']) },
  autoOffset: (_, columns) => -chiSquareQuantile(0.975, columns),
  fit(rows, { covariance: kind }) {
    const moments = momentsOf(rows);
    const d = rows.columns;
    const shrinkage = kind === 'ledoitWolf' ? ledoitWolfShrinkage(rows, moments) : 0;
    const covariance = shrunk(moments.covariance, d, shrinkage);
    const whitening = whiteningOf(covariance, d);
    return {
      state: {
        location: moments.mean,
        covariance,
        precision: precisionOf(whitening, d),
        whitening: whitening.matrix,
        shrinkage,
      },
    };
  },
  score: (state, rows) =>
    squaredDistances(rows, state.location, whiteningIn(state.whitening, rows.columns)).map((distance) => -distance),
  explain: (state, rows) => distanceContributions(state.location, state.precision, rows),
  layout: {
    location: 'float64',
    covariance: 'float64',
    precision: 'float64',
    whitening: 'float64',
    shrinkage: 'number',
  },
  faultOf: faultOfWhitening,
};

function shrunk(covariance: Float64Array, d: number, shrinkage: number): Float64Array {
  if (shrinkage === 0) return covariance;
  let trace = 0;
  for (let f = 0; f < d; f++) trace += covariance[f * (d + 1)]!;
  const result = covariance.map((value) => (1 - shrinkage) * value);
  for (let f = 0; f < d; f++) result[f * (d + 1)]! += (shrinkage * trace) / d;
  return result;
}

/** By how much shrinking towards mu I makes the covariance least wrong. Ledoit, Wolf (2004), as in scikit-learn. */
function ledoitWolfShrinkage({ data, rows: n, columns: d }: Matrix, { mean, covariance }: Moments): number {
  let trace = 0;
  for (let f = 0; f < d; f++) trace += covariance[f * (d + 1)]!;
  const mu = trace / d;
  let beta = 0; // sum over all pairs of features of the sum over rows of their squared products
  for (let i = 0; i < n; i++) {
    let length = 0;
    for (let f = 0; f < d; f++) length += (data[i * d + f]! - mean[f]!) ** 2;
    beta += length * length;
  }
  const squares = covariance.reduce((sum, value) => sum + value * value, 0);
  const spread = (squares - 2 * mu * trace + d * mu * mu) / d;
  const noise = Math.min((beta / n - squares) / (d * n), spread);
  return noise === 0 || spread === 0 ? 0 : noise / spread;
}
