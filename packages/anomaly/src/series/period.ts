import { readSeries } from './values';

const LEAST_LAG = 3;
const MOST_LAG = 400;
/** Below this correlation a peak is taken for noise. */
const LEAST_CORRELATION = 0.2;
/** The window of a series without a period, as in TSB-AD. */
const WINDOW_WITHOUT_PERIOD = 125;

/**
 * The period of a series: the lag of the highest peak of its autocorrelation, between 3 and 400 and at most half the series;
 * after the correlation has once fallen below 0, where it does. TSB-AD's `find_length`.
 *
 * @param values equally spaced in time, at least 8
 * @returns undefined where no peak reaches a correlation of 0.2
 * @throws NumericsError for NaN and Infinity
 */
export function findPeriod(values: ArrayLike<number>): number | undefined {
  const series = readSeries('findPeriod', values, 8);
  const correlation = autocorrelation(series, Math.min(MOST_LAG, series.length >> 1));
  const negative = correlation.findIndex((value, lag) => lag > 0 && value < 0);
  let best: number | undefined;
  for (let lag = Math.max(LEAST_LAG, negative); lag < correlation.length - 1; lag++) {
    const value = correlation[lag]!;
    const peak = value > correlation[lag - 1]! && value > correlation[lag + 1]!;
    if (peak && value >= LEAST_CORRELATION && (best === undefined || value > correlation[best]!)) best = lag;
  }
  return best;
}

/** The window for a series: its period, or 125, or a quarter of a short series. */
export function windowFor(series: Float64Array): number {
  return findPeriod(series) ?? Math.max(2, Math.min(WINDOW_WITHOUT_PERIOD, series.length >> 2));
}

/** Correlation with itself at the lags 0 to `most`; 0 everywhere for a constant. */
function autocorrelation(series: Float64Array, most: number): Float64Array {
  const n = series.length;
  const mean = series.reduce((a, b) => a + b, 0) / n;
  const sums = new Float64Array(most + 1);
  for (let lag = 0; lag <= most; lag++) {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += (series[t]! - mean) * (series[t - lag]! - mean);
    sums[lag] = sum;
  }
  const total = sums[0]!;
  return total > 0 ? sums.map((sum) => sum / total) : sums;
}
