import type { Matrix } from '../data/matrix';
import { either, oneOf, type Ranges, whole } from '../detector/ranges';
import { windowFor } from './period';
import { requireWindow } from './values';

/** Options of what looks at a series window by window. */
export interface WindowOptions {
  /**
   * Values of a window, from 2 to half the series; `auto`: the period of the series by `findPeriod`, or 125 where it has none
   * (a quarter of a short series).
   * @default 'auto'
   */
  window?: 'auto' | number;
}

/** Ranges of `WindowOptions`. */
export const windowRanges: Ranges<WindowOptions> = {
  window: either<'auto', number>(oneOf('auto', ['auto']), whole(2, 2)),
};

/** The window that the options mean for this series. */
export function windowOf(name: string, window: 'auto' | number, series: Float64Array): number {
  const size = window === 'auto' ? windowFor(series) : window;
  requireWindow(name, 'window', size, series.length);
  return size;
}

/** All windows, one for each place: `[values - window + 1, window]`. */
export function slidingWindows(series: Float64Array, window: number): Matrix {
  const rows = series.length - window + 1;
  const data = new Float64Array(rows * window);
  for (let i = 0; i < rows; i++) data.set(series.subarray(i, i + window), i * window);
  return { data, rows, columns: window };
}

/** A score for each point out of one for each window: that of the window around it; at the ends that of the last one. */
export function toPoints(windows: Float64Array, window: number): Float64Array {
  const before = (window - 1) >> 1;
  const last = windows.length - 1;
  return Float64Array.from({ length: windows.length + window - 1 }, (_, t) => {
    return windows[Math.min(last, Math.max(0, t - before))]!;
  });
}
