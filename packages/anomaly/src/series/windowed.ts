import { ConfigError } from '@dl/core';
import type { Matrix } from '../data/matrix';
import type { DataOptions } from '../detector/common-options';
import { ofCompleteRows, requireCompleteRows } from '../detector/complete-rows';
import type { Definition } from '../detector/definition';
import type { Complete, Ranges } from '../detector/ranges';
import { toPoints, type WindowOptions, windowOf, windowRanges, windowsOf } from './windows';

/** More numbers than any window has. */
const MOST_NUMBERS = 2 ** 24;

/** What a detector of windows keeps besides its own numbers. */
export interface WindowState {
  /** Times in a window. */
  window: number;
}

/**
 * A detector of rows as a detector of series: its rows are the windows, and the score of a window is that of the time in
 * its middle. Windows with a hole are left out of the fit, and have no score.
 *
 * @param name of the detector of series
 * @param inner the detector of rows
 */
export function windowed<O extends DataOptions, S>(
  name: string,
  inner: Definition<O, S>,
): Definition<O & WindowOptions, S & WindowState> {
  const innerOptions = (options: Complete<O & WindowOptions>) => options as unknown as Complete<O>;
  return {
    name,
    ranges: { ...inner.ranges, ...windowRanges } as unknown as Ranges<O & WindowOptions>,
    check(options) {
      inner.check?.(innerOptions(options));
      if (inner.precomputed?.(innerOptions(options)) === true) {
        throw new ConfigError(name, 'a series is cut into windows: there is nothing precomputed');
      }
    },
    fit(rows, options, context) {
      const window = windowOf(rows, (options as Complete<WindowOptions>).window, name);
      const windows = windowsOf(rows, window, name);
      const own = innerOptions(options);
      const { state, scores } = inner.fit(requireCompleteRows(windows, name), own, context);
      // among the training windows a window is not its own neighbour: the fit knows
      const scored = (complete: Matrix) =>
        typeof scores === 'function' ? scores() : (scores ?? inner.score(state, complete, own));
      const ofWindows = () => ofCompleteRows(windows, scored);
      return { state: { ...state, window }, scores: () => toPoints(ofWindows(), rows.rows, window) };
    },
    score(state, rows, options) {
      const windows = windowsOf(rows, state.window, name);
      const ofWindows = ofCompleteRows(windows, (complete) => inner.score(state, complete, innerOptions(options)));
      return toPoints(ofWindows, rows.rows, state.window);
    },
    ...(inner.autoOffset !== undefined && {
      autoOffset: (state: S & WindowState, columns: number, options: Complete<O & WindowOptions>) =>
        inner.autoOffset!(state, columns * state.window, innerOptions(options)),
    }),
    layout: (options) => ({
      ...(typeof inner.layout === 'function' ? inner.layout(innerOptions(options)) : inner.layout),
      window: 'number',
    }),
    faultOf: (state, columns, options) =>
      Number.isInteger(state.window) && state.window >= 2 && state.window * columns <= MOST_NUMBERS
        ? inner.faultOf(state, columns * state.window, innerOptions(options))
        : `windows of ${state.window} times`,
    holes: 'scored',
    ...(inner.strict && { strict: true }),
  };
}
