import { ConfigError, type Key, key, ShapeError } from '@dl/core';
import { takeRows } from '../data/matrix';
import { median } from '../data/quantile';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, either, flag, oneOf, random } from '../detector/ranges';
import { warn } from '../detector/warn';
import { momentsOf } from '../linear-algebra/covariance';
import { precisionOf, squaredDistances, whiteningOf } from '../linear-algebra/whitening';
import { minimumCovarianceDeterminant } from '../robust/minimum-covariance-determinant';
import { chiSquareQuantile } from '../statistics/chi-square';
import { distanceContributions, faultOfWhitening, whiteningIn } from './mahalanobis-state';

/** Options of `EllipticEnvelope`. */
export interface EllipticEnvelopeOptions extends ShareOptions {
  /**
   * Whether the data is known to have mean 0.
   * @default false
   */
  assumeCentered?: boolean;
  /**
   * The share of rows that the raw estimate is made of, up to 1; `auto`: (rows + features + 1) / 2 of them.
   * @default 'auto'
   */
  supportFraction?: 'auto' | number;
  /**
   * What the search starts from.
   * @default key(0)
   */
  key?: Key;
}

/** What a fitted `EllipticEnvelope` keeps. */
export type EllipticEnvelopeState = {
  /** Robust mean, `[features]`. */
  location: Float64Array;
  /** Robust covariance, `[features, features]`. */
  covariance: Float64Array;
  /** Its inverse, or pseudo-inverse. `[features, features]` */
  precision: Float64Array;
  /** W with W' W the precision. */
  whitening: Float64Array;
  /** Which training rows these were estimated from: 1 for each. `[rows]` */
  support: Uint8Array;
  /** The mean before reweighting. */
  rawLocation: Float64Array;
  /** The covariance before reweighting. */
  rawCovariance: Float64Array;
  /** Which training rows these were estimated from. */
  rawSupport: Uint8Array;
  /** Squared Mahalanobis distance of each training row. */
  distances: Float64Array;
};

const NAME = 'EllipticEnvelope';

/**
 * The negative squared Mahalanobis distance, by a mean and a covariance that outliers cannot pull: those of the half of the
 * rows whose covariance has the smallest determinant (FastMCD), then of all rows within the 97.5 % ellipsoid of that.
 * Rousseeuw, Van Driessen (1999); scikit-learn's `EllipticEnvelope`, `MinCovDet`.
 */
export const ellipticEnvelope: Definition<EllipticEnvelopeOptions, EllipticEnvelopeState> = {
  name: NAME,
  ranges: {
    ...shareRanges,
    assumeCentered: flag(false),
    supportFraction: either<'auto', number>(oneOf('auto', ['auto']), between(1, '(]', 0, 1)),
    key: random(key(0)),
  },
  fit(rows, options) {
    const { rows: n, columns: d } = rows;
    if (n < 2) throw new ShapeError(NAME, `Found array with 1 sample(s) while a minimum of 2 is required by ${NAME}`);
    const { supportFraction } = options;
    const count = supportFraction === 'auto' ? Math.ceil(0.5 * (n + d + 1)) : Math.floor(supportFraction * n);
    if (count < 1) throw new ConfigError(NAME, `supportFraction ${supportFraction} of ${n} rows is none`);
    if (whiteningOf(momentsOf(rows).covariance, d).rows < d) {
      warn(NAME, 'The covariance matrix associated to your dataset is not full rank');
    }
    const raw = minimumCovarianceDeterminant(rows, Math.min(count, n), options.key);
    let { mean, covariance, distances } = raw;
    if (options.assumeCentered) {
      mean = new Float64Array(d);
      covariance = momentsOf(takeRows(rows, raw.support), mean).covariance;
      distances = squaredDistances(rows, mean, whiteningOf(covariance, d));
    }
    if (raw.support.length < n && covariance.every((value) => Math.abs(value) <= 1e-8)) {
      throw new ConfigError(
        NAME,
        'The covariance matrix of the support data is equal to 0, try to increase supportFraction',
        'more than half of the rows are equal',
      );
    }
    // Consistent for normal data; then all rows that lie within the ellipsoid count.
    const correction = median(distances) / chiSquareQuantile(0.5, d);
    const limit = chiSquareQuantile(0.975, d) * correction;
    const within = Int32Array.from(distances.keys()).filter((i) => distances[i]! < limit);
    const final = momentsOf(takeRows(rows, within), options.assumeCentered ? mean : undefined);
    const whitening = whiteningOf(final.covariance, d);
    const toRows = squaredDistances(rows, final.mean, whitening);
    const state = {
      location: final.mean,
      covariance: final.covariance,
      precision: precisionOf(whitening, d),
      whitening: whitening.matrix,
      support: mask(within, n),
      rawLocation: mean,
      rawCovariance: covariance,
      rawSupport: mask(raw.support, n),
      distances: toRows,
    };
    return { state, scores: toRows.map((distance) => -distance) };
  },
  score: (state, rows) =>
    squaredDistances(rows, state.location, whiteningIn(state.whitening, rows.columns)).map((distance) => -distance),
  explain: (state, rows) => distanceContributions(state.location, state.precision, rows),
  layout: {
    location: 'float64',
    covariance: 'float64',
    precision: 'float64',
    whitening: 'float64',
    support: 'uint8',
    rawLocation: 'float64',
    rawCovariance: 'float64',
    rawSupport: 'uint8',
    distances: 'float64',
  },
  faultOf: (state, columns) =>
    state.support.length !== state.distances.length || state.rawSupport.length !== state.distances.length
      ? 'the supports and distances are not of the same rows'
      : state.rawLocation.length !== columns || state.rawCovariance.length !== columns ** 2
        ? `the raw estimates are not of ${columns} features`
        : faultOfWhitening(state, columns),
};

function mask(places: Int32Array, n: number): Uint8Array {
  const is = new Uint8Array(n);
  for (const place of places) is[place] = 1;
  return is;
}
