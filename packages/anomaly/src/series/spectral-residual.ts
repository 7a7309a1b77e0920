import type { ShareOptions } from '../detector/common-options';
import { shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { whole } from '../detector/ranges';
import { fourier, inverseFourier } from './fourier';
import { requireOneFeature } from './one-feature';
import { requireTimes } from './windows';

/** Options of `SpectralResidual`. */
export interface SpectralResidualOptions extends ShareOptions {
  /** Frequencies over which the log spectrum is averaged; a whole number from 1. @default 3 */
  averageWindow?: number;
  /** Times over which the saliency is averaged; a whole number from 1. @default 21 */
  scoreWindow?: number;
}

/** What a fitted `SpectralResidual` keeps: nothing but its threshold, and the length of the training series. */
export type SpectralResidualState = {
  /** Times of the training series. */
  times: number;
};

/**
 * Times that stand out from what the spectrum of the series explains: the log amplitudes less their moving average, back in
 * time, compared with their own moving average: score = -(saliency - average) / average. In `n log n`. It looks at a series
 * as a whole, so that a score depends on the rest of it. Ren et al. (2019), "Time-Series Anomaly Detection Service at
 * Microsoft".
 */
export const spectralResidual: Definition<SpectralResidualOptions, SpectralResidualState> = {
  name: 'SpectralResidual',
  ranges: { ...shareRanges, averageWindow: whole(3), scoreWindow: whole(21) },
  fit(rows, { averageWindow, scoreWindow }) {
    requireOneFeature(rows, 'SpectralResidual');
    requireTimes(rows.rows, Math.max(averageWindow, scoreWindow), 'SpectralResidual', 'an average');
    return { state: { times: rows.rows } };
  },
  score(_, { data, rows }, { averageWindow, scoreWindow }) {
    requireTimes(rows, Math.max(averageWindow, scoreWindow), 'SpectralResidual', 'an average');
    const { re, im } = fourier({ re: data, im: new Float64Array(rows) });
    const amplitude = re.map((value, k) => Math.hypot(value, im[k]!));
    const largest = amplitude.reduce((most, value) => Math.max(most, value), 0);
    const floor = largest > 0 ? 1e-12 * largest : 1; // what is smaller is rounding
    const logs = amplitude.map((value) => Math.log(Math.max(value, floor)));
    const average = movingMean(logs, averageWindow);
    const gain = amplitude.map((value, k) => Math.exp(logs[k]! - average[k]!) / Math.max(value, floor));
    const back = inverseFourier({ re: re.map((v, k) => v * gain[k]!), im: im.map((v, k) => v * gain[k]!) });
    const saliency = back.re.map((value, t) => Math.hypot(value, back.im[t]!));
    const usual = movingMean(saliency, scoreWindow);
    return saliency.map((value, t) => (usual[t]! > 0 ? (usual[t]! - value) / usual[t]! : 0));
  },
  holes: 'refused',
  layout: { times: 'number' },
  faultOf: ({ times }, columns) =>
    columns === 1 && Number.isInteger(times) && times > 0 ? undefined : `${times} times of ${columns} features`,
};

/** The mean of `window` values around each, those beyond the ends counted as 0. numpy's `convolve(..., 'same')`. */
function movingMean(values: Float64Array, window: number): Float64Array {
  const after = (window - 1) >> 1;
  return values.map((_, t) => {
    let sum = 0;
    for (let j = Math.max(0, t + after - window + 1); j <= Math.min(values.length - 1, t + after); j++) {
      sum += values[j]!;
    }
    return sum / window;
  });
}
