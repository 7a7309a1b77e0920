import { complete } from '../detector/ranges';
import { readSeries } from './values';
import { toPoints, type WindowOptions, windowOf, windowRanges } from './windows';

/** For each window the one that it is most like. */
export interface MatrixProfile {
  /** Values of a window. */
  readonly window: number;
  /** Z-normalised Euclidean distance to the nearest window more than half a window away, `[values - window + 1]`. */
  readonly distances: Float64Array;
  /** Where that window begins, `[values - window + 1]`. */
  readonly indices: Int32Array;
}

/** A standard deviation below this is that of a constant window. */
const CONSTANT = 1e-8;

/**
 * The matrix profile, exact: `distance(a, b)^2 = 2 window (1 - correlation(a, b))`; from a constant window another one is 0
 * away and any other `sqrt(window)`. Dot products are carried along the diagonals, so that it grows with the square of the
 * series whatever the window. Yeh et al. (2016); SCRIMP by Zhu et al. (2018); stumpy's `stump`.
 *
 * @param values equally spaced in time, at least 8
 * @throws ParameterError for a window that does not fit; NumericsError for NaN and Infinity
 */
export function matrixProfile(values: ArrayLike<number>, options: WindowOptions = {}): MatrixProfile {
  const { window } = complete('matrixProfile', windowRanges, options);
  const given = readSeries('matrixProfile', values, 8);
  const w = windowOf('matrixProfile', window, given);
  const middle = given.reduce((a, b) => a + b, 0) / given.length;
  const series = given.map((value) => value - middle); // small numbers keep the running sums exact
  const n = series.length - w + 1;
  const { means, deviations } = windowMoments(series, w, n);
  const best = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const indices = new Int32Array(n).fill(-1);
  for (let apart = (w >> 1) + 1; apart < n; apart++) {
    let dot = 0;
    for (let j = 0; j < w; j++) dot += series[j]! * series[apart + j]!;
    for (let i = 0, k = apart; k < n; i++, k++) {
      if (i > 0) dot += series[i + w - 1]! * series[k + w - 1]! - series[i - 1]! * series[k - 1]!;
      const [a, b] = [deviations[i]!, deviations[k]!];
      let correlation: number;
      if (a > 0 && b > 0) correlation = (dot / w - means[i]! * means[k]!) / (a * b);
      else correlation = a === b ? 1 : 0.5;
      if (correlation > best[i]!) {
        best[i] = correlation;
        indices[i] = k;
      }
      if (correlation > best[k]!) {
        best[k] = correlation;
        indices[k] = i;
      }
    }
  }
  return {
    window: w,
    distances: best.map((correlation) => Math.sqrt(Math.max(0, 2 * w * (1 - correlation)))),
    indices,
  };
}

/**
 * Discords: windows whose shape occurs nowhere else, whatever their level and size.
 * score = -distance of the matrix profile. The best on odd shapes (VUS-PR 0.952 where Sub-PCA has 0.830); blind to levels.
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal
 * @throws ParameterError for a window that does not fit; NumericsError for NaN and Infinity
 */
export function discords(values: ArrayLike<number>, options: WindowOptions = {}): Float64Array {
  const { distances, window } = matrixProfile(values, options);
  return toPoints(
    distances.map((distance) => -distance),
    window,
  );
}

/** Mean and standard deviation of each window; 0 for constant ones. */
function windowMoments(series: Float64Array, w: number, n: number) {
  const [means, deviations] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    let [sum, squares] = [0, 0];
    for (let j = i; j < i + w; j++) sum += series[j]!;
    const mean = sum / w;
    for (let j = i; j < i + w; j++) squares += (series[j]! - mean) ** 2;
    const deviation = Math.sqrt(squares / w);
    means[i] = mean;
    deviations[i] = deviation < CONSTANT ? 0 : deviation;
  }
  return { means, deviations };
}
