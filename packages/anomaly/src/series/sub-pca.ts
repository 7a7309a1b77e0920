import { complete } from '../detector/ranges';
import { momentsOf } from '../linear-algebra/covariance';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen';
import { readSeries } from './values';
import { slidingWindows, toPoints, type WindowOptions, windowOf, windowRanges } from './windows';

/** Directions with less of the variance than this are rounding. */
const LEAST_SHARE = 1e-10;

/**
 * Windows that lie far out along the rarely used directions of all windows: standardised place by place, then
 * score = -sum over principal components of (projection)^2 / variance. The first of 32 methods on the 350 series of TSB-AD-U
 * (mean VUS-PR 0.423). Grows with `values window^2 + window^3`. TSB-AD's `Sub_PCA` with all components.
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal
 * @throws ParameterError for a window that does not fit; NumericsError for NaN and Infinity
 *
 * @example
 * ```ts
 * import { series } from '@dl/anomaly';
 *
 * const wave = Array.from({ length: 400 }, (_, t) => Math.sin((2 * Math.PI * t) / 25) + 0.1 * Math.sin(t * t));
 * for (let t = 200; t < 210; t++) wave[t] = 0.5;
 * const scores = series.subPCA(wave);
 * const worst = scores.indexOf(Math.min(...scores));
 * const found = Math.abs(worst - 205) < 20; // true
 * ```
 */
export function subPCA(values: ArrayLike<number>, options: WindowOptions = {}): Float64Array {
  const { window } = complete('subPCA', windowRanges, options);
  const series = readSeries('subPCA', values, 8);
  const w = windowOf('subPCA', window, series);
  const windows = slidingWindows(series, w);
  const n = windows.rows;
  const { mean, covariance } = momentsOf(windows);
  const scale = mean.map((_, f) => Math.sqrt(covariance[f * (w + 1)]!) || 1);
  const { data } = windows;
  for (let i = 0, at = 0; i < n; i++) for (let f = 0; f < w; f++, at++) data[at] = (data[at]! - mean[f]!) / scale[f]!;
  const correlation = covariance.map((value, at) => value / scale[Math.floor(at / w)]! / scale[at % w]!);
  const { values: variances, vectors } = symmetricEigen(correlation, w);
  const total = variances.reduce((sum, value) => sum + Math.max(0, value), 0);
  const unbiased = n / (n - 1); // scikit-learn's explained_variance_
  const scores = new Float64Array(n);
  for (let c = 0; c < w && variances[c]! > LEAST_SHARE * total; c++) {
    const direction = vectors.subarray(c * w, (c + 1) * w);
    for (let i = 0, at = 0; i < n; i++) {
      let along = 0;
      for (let f = 0; f < w; f++) along += data[at++]! * direction[f]!;
      scores[i]! -= along ** 2 / (variances[c]! * unbiased);
    }
  }
  return toPoints(scores, w);
}
