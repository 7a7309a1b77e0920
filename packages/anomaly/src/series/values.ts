import { NumericsError, ShapeError } from '@dl/core';
import { ParameterError } from '../errors';

/**
 * A series as float64, checked.
 *
 * @throws NumericsError for NaN and Infinity
 * @throws ShapeError for fewer than `least` values
 */
export function readSeries(name: string, values: ArrayLike<number>, least: number): Float64Array {
  const series = Float64Array.from(values);
  if (series.length < least) {
    throw new ShapeError(name, `the series has ${series.length} values, and at least ${least} are needed`);
  }
  const bad = series.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new NumericsError(
      `${name}: value ${bad} of the series is ${series[bad]}. Fill gaps before, by interpolation`,
    );
  }
  return series;
}

/** Refuses a window of which fewer than two, side by side, fit into the series. */
export function requireWindow(name: string, parameter: string, window: number, length: number): void {
  if (2 * window > length) {
    throw new ParameterError(name, parameter, `at most half the ${length} values of the series`, window);
  }
}
