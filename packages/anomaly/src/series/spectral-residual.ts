import { complete, type Ranges, whole } from '../detector/ranges';
import { fourier, inverseFourier } from './fourier';
import { readSeries } from './values';

/** Options of `spectralResidual`. */
export interface SpectralResidualOptions {
  /** Frequencies over which the log spectrum is averaged; a whole number from 1. @default 3 */
  averageWindow?: number;
  /** Points over which the saliency is averaged; a whole number from 1. @default 21 */
  scoreWindow?: number;
}

const ranges: Ranges<SpectralResidualOptions> = { averageWindow: whole(3), scoreWindow: whole(21) };

/**
 * Points that stand out from what the spectrum of the series explains: the log amplitudes less their moving average, back in
 * time, compared with their own moving average: score = -(saliency - average) / average. For single points; fast.
 * Ren et al. (2019), "Time-Series Anomaly Detection Service at Microsoft".
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal
 * @throws ParameterError for options out of range; NumericsError for NaN and Infinity
 */
export function spectralResidual(values: ArrayLike<number>, options: SpectralResidualOptions = {}): Float64Array {
  const { averageWindow, scoreWindow } = complete('spectralResidual', ranges, options);
  const series = readSeries('spectralResidual', values, 8);
  const { re, im } = fourier({ re: series, im: new Float64Array(series.length) });
  const amplitude = re.map((value, k) => Math.hypot(value, im[k]!) || 1e-12);
  const logs = amplitude.map(Math.log);
  const average = movingMean(logs, averageWindow);
  const gain = amplitude.map((value, k) => Math.exp(logs[k]! - average[k]!) / value);
  const back = inverseFourier({ re: re.map((v, k) => v * gain[k]!), im: im.map((v, k) => v * gain[k]!) });
  const saliency = back.re.map((value, t) => Math.hypot(value, back.im[t]!));
  const usual = movingMean(saliency, scoreWindow);
  return saliency.map((value, t) => -(value - usual[t]!) / (usual[t]! || 1e-12));
}

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
