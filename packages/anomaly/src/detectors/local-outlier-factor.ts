import { type AutoOptions, autoRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { clipNeighbors } from '../neighbors/clip-neighbors';
import { isPrecomputed, type MetricOptions, metricRanges } from '../neighbors/metric';
import { type Neighbors, nearestNeighbors } from '../neighbors/nearest-neighbors';

/** Options of `LocalOutlierFactor`. */
export interface LocalOutlierFactorOptions extends AutoOptions, MetricOptions {
  /**
   * How many neighbours count; at most all other training rows do.
   * @default 20
   */
  nNeighbors?: number;
}

/** What a fitted `LocalOutlierFactor` keeps. */
export type LocalOutlierFactorState = {
  /** The training rows `[n, features]`; empty where distances are precomputed. */
  rows: Float64Array;
  /** How many neighbours count. */
  nNeighbors: number;
  /** How many training rows there are. */
  nSamplesFit: number;
  /** `[n]`, near -1 for inliers. */
  negativeOutlierFactor: Float64Array;
  /** The distance of each training row to its k-th neighbour, `[n]`. */
  kDistances: Float64Array;
  /** Local reachability density of each training row, `[n]`. */
  localReachabilityDensity: Float64Array;
};

/** Keeps the density of more than k equal rows finite. */
const GUARD = 1e-10;
/** Factors below this come of equal rows. */
const DUPLICATES = -1e7;

/**
 * Compares the density around a row with that around its neighbours: with N the k nearest,
 *
 *   reach(a, b) = max(k-distance(b), d(a, b))
 *   lrd(a) = 1 / (mean over N of reach(a, b) + 1e-10)
 *   score(a) = -mean over N of lrd(b) / lrd(a)
 *
 * near -1 inside a cluster; `auto` puts the threshold at -1.5. Breunig, Kriegel, Ng, Sander (2000); scikit-learn's
 * `LocalOutlierFactor`.
 */
export const localOutlierFactor: Definition<LocalOutlierFactorOptions, LocalOutlierFactorState> = {
  name: 'LocalOutlierFactor',
  ranges: { ...autoRanges, ...metricRanges, nNeighbors: whole(20) },
  precomputed: isPrecomputed,
  autoOffset: () => -1.5,
  fit(rows, options) {
    const k = clipNeighbors('LocalOutlierFactor', options.nNeighbors, rows.rows);
    const neighbors = nearestNeighbors(rows, 'itself', k, options);
    const kDistances = new Float64Array(rows.rows);
    for (let i = 0; i < rows.rows; i++) kDistances[i] = neighbors.distances[(i + 1) * k - 1]!;
    const localReachabilityDensity = densities(neighbors, k, kDistances);
    const negativeOutlierFactor = factors(neighbors, k, localReachabilityDensity, localReachabilityDensity);
    if (negativeOutlierFactor.some((factor) => factor < DUPLICATES)) {
      warn(
        'LocalOutlierFactor',
        'Duplicate values are leading to incorrect results. Increase nNeighbors for more accurate results',
      );
    }
    const state = {
      rows: isPrecomputed(options) ? new Float64Array(0) : rows.data.slice(),
      nNeighbors: k,
      nSamplesFit: rows.rows,
      negativeOutlierFactor,
      kDistances,
      localReachabilityDensity,
    };
    return { state, scores: negativeOutlierFactor };
  },
  score(state, rows, options) {
    const { nNeighbors: k, kDistances, localReachabilityDensity } = state;
    const training = { data: state.rows, rows: state.nSamplesFit, columns: rows.columns };
    const neighbors = nearestNeighbors(training, rows, k, options);
    return factors(neighbors, k, densities(neighbors, k, kDistances), localReachabilityDensity);
  },
  layout: {
    rows: 'float64',
    nNeighbors: 'number',
    nSamplesFit: 'number',
    negativeOutlierFactor: 'float64',
    kDistances: 'float64',
    localReachabilityDensity: 'float64',
  },
  faultOf(state, columns, options) {
    const { rows, nNeighbors, nSamplesFit: n } = state;
    if (rows.length !== (isPrecomputed(options) ? 0 : n * columns)) {
      return `${rows.length} numbers for ${n} training rows of ${columns}`;
    }
    if (!(Number.isInteger(nNeighbors) && nNeighbors >= 1 && nNeighbors <= n)) {
      return `${nNeighbors} neighbours of ${n} training rows`;
    }
    const { negativeOutlierFactor, kDistances, localReachabilityDensity } = state;
    return [negativeOutlierFactor, kDistances, localReachabilityDensity].some((values) => values.length !== n)
      ? `not one factor, distance and density for each of ${n} training rows`
      : undefined;
  },
};

/** lrd of each query; the neighbours are training rows with these k-distances. */
function densities({ distances, indices }: Neighbors, k: number, kDistances: Float64Array): Float64Array {
  const density = new Float64Array(distances.length / k);
  for (let i = 0, at = 0; i < density.length; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++, at++) sum += Math.max(distances[at]!, kDistances[indices[at]!]!);
    density[i] = 1 / (sum / k + GUARD);
  }
  return density;
}

/** The negative factor of each query, from its own density and those of its neighbours. */
function factors({ indices }: Neighbors, k: number, own: Float64Array, training: Float64Array): Float64Array {
  const factor = new Float64Array(own.length);
  for (let i = 0, at = 0; i < own.length; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++, at++) sum += training[indices[at]!]!;
    factor[i] = -sum / k / own[i]!;
  }
  return factor;
}
