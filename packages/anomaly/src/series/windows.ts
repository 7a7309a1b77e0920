import { ShapeError } from '@dl/core';
import type { Matrix } from '../data/matrix';
import { either, oneOf, type Ranges, whole } from '../detector/ranges';
import { ParameterError } from '../errors';
import { periodOf } from './period';

/** How a series is cut. */
export interface WindowOptions {
  /**
   * Times in a window, from 2 to half the training series. `auto`: its period, where it holds at least ten of them; else
   * 125, or a twentieth of the series where that is less.
   * @default 'auto'
   */
  window?: 'auto' | number;
}

/** Ranges of `WindowOptions`. */
export const windowRanges: Ranges<WindowOptions> = {
  window: either<'auto', number>(oneOf('auto', ['auto']), whole(2, 2)),
};

/** What repeats less often says little about what is usual in it. */
export const LEAST_PERIODS = 10;
/** The window of a series without a period, as in TSB-AD, and how many of them it must hold side by side. */
const [WITHOUT_PERIOD, LEAST_WINDOWS] = [125, 20];
/** A short series has windows at least as long, if four of them fit. */
const SHORTEST = 8;

/** What all windows may hold: 2 GiB. */
const MOST_NUMBERS = 2 ** 28;

/** The period of a series that holds enough of them. */
export function shortPeriod(series: Matrix): number | undefined {
  return periodOf(series, Math.floor(series.rows / LEAST_PERIODS));
}

/**
 * The window that the options mean for this training series.
 *
 * @throws ParameterError for one of which no two fit into the series side by side, ShapeError for a series of less than 4 times
 */
export function windowOf(series: Matrix, option: 'auto' | number, where: string): number {
  requireTimes(series.rows, 4, where, 'a fit');
  if (option === 'auto') return windowFor(series);
  requireWindow(where, 'window', option, series.rows);
  return option;
}

/** The window for this training series. */
export function windowFor(series: Matrix): number {
  const { rows } = series;
  const period = shortPeriod(series);
  if (period !== undefined) return period;
  const enough = Math.max(SHORTEST, Math.floor(rows / LEAST_WINDOWS));
  return Math.max(2, Math.min(WITHOUT_PERIOD, enough, rows >> 2));
}

/**
 * Every window of a series, one a row: `[times - window + 1, window * features]`.
 *
 * @throws ShapeError for a series without one, and for windows that would take more than 2 GiB
 */
export function windowsOf({ data, rows, columns }: Matrix, window: number, where: string): Matrix {
  requireTimes(rows, window, where, `a window of ${window}`);
  const count = rows - window + 1;
  const size = window * columns;
  if (count * size > MOST_NUMBERS) {
    throw new ShapeError(
      where,
      `${count} windows of ${size} numbers would take ${((count * size) / 2 ** 27).toFixed(1)} GiB`,
      [{ label: 'X', shape: [rows, columns], axes: ['times', 'features'] }],
      'a smaller window, or means of neighbouring times',
    );
  }
  const all = new Float64Array(count * size);
  for (let i = 0; i < count; i++) all.set(data.subarray(i * columns, i * columns + size), i * size);
  return { data: all, rows: count, columns: size };
}

/** Refuses a window of which fewer than two, side by side, fit into the series. */
export function requireWindow(where: string, parameter: string, window: number, times: number): void {
  if (2 * window > times) {
    throw new ParameterError(where, parameter, `at most half the ${times} times of the training series`, window);
  }
}

/** Refuses a series that is too short. */
export function requireTimes(times: number, least: number, where: string, what: string): void {
  if (times >= least) return;
  throw new ShapeError(
    where,
    `the series has ${times} times, and ${what} takes at least ${least}`,
    [],
    'give a longer series or a smaller window',
  );
}

/**
 * Scores of windows as scores of times: that of a window belongs to its middle; the first and last times, which are in the
 * middle of none, take that of the nearest window. As in TSB-AD.
 */
export function toPoints(scores: Float64Array, times: number, window: number): Float64Array {
  const before = (window - 1) >> 1;
  return Float64Array.from({ length: times }, (_, t) => scores[Math.min(Math.max(t - before, 0), scores.length - 1)]!);
}
