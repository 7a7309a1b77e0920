import { type Key, key as keyOf } from '@dl/core';
import { kMeans } from '../clustering/k-means';
import { complete, type Ranges, random, whole } from '../detector/ranges';
import { ParameterError } from '../errors';
import { nearestNeighbors } from '../neighbors/nearest-neighbors';
import { readSeries } from './values';
import { slidingWindows, toPoints, type WindowOptions, windowOf, windowRanges } from './windows';

/** Options of `subKNN`. */
export interface SubKNNOptions extends WindowOptions {
  /** Which neighbour's distance counts; a whole number from 1. @default 5 */
  nNeighbors?: number;
}

const neighborRanges: Ranges<SubKNNOptions> = { ...windowRanges, nNeighbors: whole(5) };

/**
 * Windows that are like few others: score = -distance to the k-th nearest other window, as the values are, so that levels
 * count. Grows with the square of the series. TSB-AD's `Sub_KNN`.
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal
 * @throws ParameterError for options out of range; NumericsError for NaN and Infinity
 */
export function subKNN(values: ArrayLike<number>, options: SubKNNOptions = {}): Float64Array {
  const { window, nNeighbors } = complete('subKNN', neighborRanges, options);
  const series = readSeries('subKNN', values, 8);
  const w = windowOf('subKNN', window, series);
  const windows = slidingWindows(series, w);
  if (nNeighbors >= windows.rows) {
    throw new ParameterError('subKNN', 'nNeighbors', `less than the number of windows, ${windows.rows}`, nNeighbors);
  }
  const { distances } = nearestNeighbors(windows, 'itself', nNeighbors, {});
  const scores = Float64Array.from({ length: windows.rows }, (_, i) => -distances[(i + 1) * nNeighbors - 1]!);
  return toPoints(scores, w);
}

/** Options of `kMeansAD`. */
export interface KMeansADOptions extends WindowOptions {
  /** Number of groups; a whole number from 1. @default 10 */
  nClusters?: number;
  /** Starts of k-means, the best of which is taken; a whole number from 1. @default 5 */
  nInit?: number;
  /** Draws the first centres. @default key(0) */
  key?: Key;
}

const clusterRanges: Ranges<KMeansADOptions> = {
  ...windowRanges,
  nClusters: whole(10),
  nInit: whole(5),
  key: random(keyOf(0)),
};

/**
 * Windows far from all groups of windows: score = -distance to the nearest centre of k-means, as the values are.
 * TSB-AD's `KMeansAD`.
 *
 * @param values equally spaced in time, at least 8
 * @returns a score for each point, bigger for more normal
 * @throws ParameterError for options out of range; NumericsError for NaN and Infinity
 */
export function kMeansAD(values: ArrayLike<number>, options: KMeansADOptions = {}): Float64Array {
  const { window, nClusters, nInit, key } = complete('kMeansAD', clusterRanges, options);
  const series = readSeries('kMeansAD', values, 8);
  const w = windowOf('kMeansAD', window, series);
  const windows = slidingWindows(series, w);
  if (nClusters > windows.rows) {
    throw new ParameterError('kMeansAD', 'nClusters', `at most the number of windows, ${windows.rows}`, nClusters);
  }
  const starts = Array.from({ length: nInit }, (_, i) => kMeans(windows, nClusters, key.fold(i)));
  const { centers, labels } = starts.reduce((best, other) => (other.inertia < best.inertia ? other : best));
  const scores = Float64Array.from({ length: windows.rows }, (_, i) => {
    let square = 0;
    for (let f = 0; f < w; f++) square += (windows.data[i * w + f]! - centers[labels[i]! * w + f]!) ** 2;
    return -Math.sqrt(square);
  });
  return toPoints(scores, w);
}
