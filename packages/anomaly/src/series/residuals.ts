import { NumericsError } from '@dl/core';
import { median } from '../data/quantile';
import { complete, either, oneOf, type Ranges, whole } from '../detector/ranges';
import { cholesky } from '../linear-algebra/cholesky';
import { findPeriod } from './period';
import { readSeries, requireWindow } from './values';

/** Options of `seasonalResidual`. */
export interface SeasonalResidualOptions {
  /**
   * The period, from 1 (no season) to half the series; `auto`: by `findPeriod`, or no season where there is none.
   * @default 'auto'
   */
  period?: 'auto' | number;
}

const seasonalRanges: Ranges<SeasonalResidualOptions> = {
  period: either<'auto', number>(oneOf('auto', ['auto']), whole(1)),
};

/**
 * What the season leaves: the value less the median of all values at its place in the period, in robust deviations:
 * score = -|r - median(r)| / (1.4826 MAD(r)). The best for shifts of the level in a series with a fixed season.
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal
 * @throws ParameterError for a period that does not fit; NumericsError for NaN and Infinity
 */
export function seasonalResidual(values: ArrayLike<number>, options: SeasonalResidualOptions = {}): Float64Array {
  const { period } = complete('seasonalResidual', seasonalRanges, options);
  const series = readSeries('seasonalResidual', values, 8);
  const p = period === 'auto' ? (findPeriod(series) ?? 1) : period;
  requireWindow('seasonalResidual', 'period', p, series.length);
  const medians = Float64Array.from({ length: p }, (_, phase) => median(series.filter((_, t) => t % p === phase)));
  const rest = series.map((value, t) => value - medians[t % p]!);
  const middle = median(rest);
  const spread = 1.4826 * median(rest.map((value) => Math.abs(value - middle))) + 1e-9;
  return rest.map((value) => -Math.abs(value - middle) / spread);
}

/** Options of `autoregressiveResidual`. */
export interface AutoregressiveResidualOptions {
  /** How many values the next one is foretold from; from 1 to half the series. @default 24 */
  order?: number;
}

const orderRanges: Ranges<AutoregressiveResidualOptions> = { order: whole(24) };
const RIDGE = 1e-3;

/**
 * The error of a linear forecast of each value from the `order` values before it, fitted by ridge regression to the series
 * itself: score = -|error|. The best for single odd points.
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal; the first `order` have that of the next
 * @throws ParameterError for an order that does not fit; NumericsError for NaN and Infinity
 */
export function autoregressiveResidual(
  values: ArrayLike<number>,
  options: AutoregressiveResidualOptions = {},
): Float64Array {
  const name = 'autoregressiveResidual';
  const { order: p } = complete(name, orderRanges, options);
  const series = readSeries(name, values, 8);
  requireWindow(name, 'order', p, series.length);
  const size = p + 1; // the coefficients, then the constant
  const lags = (t: number, j: number) => (j < p ? series[t - p + j]! : 1);
  const products = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (let t = p; t < series.length; t++) {
    for (let i = 0; i < size; i++) {
      const value = lags(t, i);
      right[i]! += value * series[t]!;
      for (let j = 0; j <= i; j++) products[i * size + j]! += value * lags(t, j);
    }
  }
  for (let i = 0; i < size; i++) products[i * (size + 1)]! += RIDGE;
  const l = cholesky(products, size);
  if (l === undefined) {
    throw new NumericsError(`${name}: the values are too large beside their changes; subtract their mean before`);
  }
  const coefficients = solve(l, right);
  const scores = series.map((value, t) => {
    if (t < p) return 0;
    let forecast = 0;
    for (let j = 0; j < size; j++) forecast += coefficients[j]! * lags(t, j);
    return -Math.abs(value - forecast);
  });
  return scores.fill(scores[p]!, 0, p);
}

/** x with L L' x = b. */
function solve(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) x[i]! -= l[i * n + j]! * x[j]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i]! -= l[j * n + i]! * x[j]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}
