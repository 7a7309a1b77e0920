import { column, type Matrix } from '../data/matrix';
import { asSeries, type Series } from './series';

const SHORTEST = 3;
const LONGEST = 400;
/** Below this correlation a peak is taken for noise. */
const LEAST_CORRELATION = 0.2;

/**
 * The period of a series: the lag of the highest peak of its autocorrelation, between 3 and 400 and at most half the series;
 * after the correlation has once fallen below 0, where it does. Of several features it is the mean of theirs. TSB-AD's
 * `find_length`.
 *
 * @param x one number a time, or rows of features in order of time
 * @returns undefined where no peak reaches a correlation of 0.2
 * @throws NumericsError for NaN and Infinity
 *
 * @example
 * ```ts
 * import { series } from '@dl/anomaly';
 *
 * const temperatures = Array.from({ length: 240 }, (_, hour) => Math.sin((2 * Math.PI * hour) / 24));
 * series.findPeriod(temperatures); // 24
 * ```
 */
export function findPeriod(x: Series): number | undefined {
  const series = asSeries(x, 'findPeriod');
  return periodOf(series, series.rows >> 1);
}

/** The period of a series, if it is at most so long; holes are passed over. */
export function periodOf(series: Matrix, longest: number): number | undefined {
  const correlation = new Float64Array(Math.min(LONGEST, longest) + 1);
  for (let f = 0; f < series.columns; f++) {
    const own = autocorrelation(column(series, f), correlation.length);
    for (const [lag, value] of own.entries()) correlation[lag]! += value / series.columns;
  }
  const negative = correlation.findIndex((value, lag) => lag > 0 && value < 0);
  let best: number | undefined;
  for (let lag = Math.max(SHORTEST, negative); lag < correlation.length - 1; lag++) {
    const value = correlation[lag]!;
    const peak = value > correlation[lag - 1]! && value > correlation[lag + 1]!;
    if (peak && value >= LEAST_CORRELATION && (best === undefined || value > correlation[best]!)) best = lag;
  }
  return best;
}

/**
 * Correlation with itself at the lags from 0 on: `r_k = sum_t (x_t - m)(x_{t+k} - m) / sum_t (x_t - m)^2`; 0 everywhere for
 * a constant. A hole counts as the mean. statsmodels' `acf`.
 *
 * @param lags how many, the lag 0 included
 */
export function autocorrelation(values: Float64Array, lags: number): Float64Array {
  const present = values.filter((value) => !Number.isNaN(value));
  const mean = present.reduce((a, b) => a + b, 0) / present.length;
  const centred = values.map((value) => (Number.isNaN(value) ? 0 : value - mean));
  const sums = new Float64Array(lags);
  for (let lag = 0; lag < lags; lag++) {
    let sum = 0;
    for (let t = lag; t < centred.length; t++) sum += centred[t]! * centred[t - lag]!;
    sums[lag] = sum;
  }
  const total = sums[0]!;
  return total > 0 ? sums.map((sum) => sum / total) : sums;
}
