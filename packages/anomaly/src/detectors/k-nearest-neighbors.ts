import type { Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { type Complete, oneOf, whole } from '../detector/ranges';
import { clipNeighbors } from '../neighbors/clip-neighbors';
import { isPrecomputed, type MetricOptions, metricRanges } from '../neighbors/metric';
import { type Neighbors, nearestNeighbors } from '../neighbors/nearest-neighbors';

/** Options of `KNearestNeighbors`. */
export interface KNearestNeighborsOptions extends ShareOptions, MetricOptions {
  /**
   * How many neighbours count; at most all other training rows do.
   * @default 5
   */
  nNeighbors?: number;
  /**
   * The score: the distance to the farthest of them, or the mean or median of the distances.
   * @default 'largest'
   */
  method?: 'largest' | 'mean' | 'median';
}

/** What a fitted `KNearestNeighbors` keeps. */
export type KNearestNeighborsState = {
  /** The training rows `[n, features]`; empty where distances are precomputed. */
  rows: Float64Array;
  /** How many neighbours count. */
  nNeighbors: number;
  /** How many training rows there are. */
  nSamplesFit: number;
};

/**
 * The negative distance to the nearest training rows: score = -distance to the k-th, or -mean or -median of the k.
 *
 * A training row is not its own neighbour when it is judged as such; a new row that equals it has it as one.
 * Ramaswamy, Rastogi, Shim (2000); Angiulli, Pizzuti (2002) for the mean.
 */
export const kNearestNeighbors: Definition<KNearestNeighborsOptions, KNearestNeighborsState> = {
  name: 'KNearestNeighbors',
  ranges: {
    ...shareRanges,
    ...metricRanges,
    nNeighbors: whole(5),
    method: oneOf('largest', ['largest', 'mean', 'median']),
  },
  precomputed: isPrecomputed,
  fit(rows, options) {
    const nNeighbors = clipNeighbors('KNearestNeighbors', options.nNeighbors, rows.rows);
    const precomputed = isPrecomputed(options);
    const state = {
      rows: precomputed ? new Float64Array(0) : rows.data.slice(),
      nNeighbors,
      nSamplesFit: rows.rows,
    };
    const inSample = (training: Matrix) =>
      scoresOf(nearestNeighbors(training, 'itself', nNeighbors, options), nNeighbors, options);
    // The table of precomputed distances is not kept, and its scores are cheap; the search of all pairs is not.
    return { state, scores: precomputed ? inSample(rows) : () => inSample({ ...rows, data: state.rows }) };
  },
  score(state, rows, options) {
    const training = { data: state.rows, rows: state.nSamplesFit, columns: rows.columns };
    return scoresOf(nearestNeighbors(training, rows, state.nNeighbors, options), state.nNeighbors, options);
  },
  layout: { rows: 'float64', nNeighbors: 'number', nSamplesFit: 'number' },
  faultOf: ({ rows, nNeighbors, nSamplesFit }, columns, options) =>
    rows.length !== (isPrecomputed(options) ? 0 : nSamplesFit * columns)
      ? `${rows.length} numbers for ${nSamplesFit} training rows of ${columns}`
      : Number.isInteger(nNeighbors) && nNeighbors >= 1 && nNeighbors <= nSamplesFit
        ? undefined
        : `${nNeighbors} neighbours of ${nSamplesFit} training rows`,
};

function scoresOf(
  { distances }: Neighbors,
  k: number,
  { method }: Complete<KNearestNeighborsOptions>,
): Float64Array<ArrayBuffer> {
  const scores = new Float64Array(distances.length / k);
  for (let i = 0; i < scores.length; i++) {
    const near = distances.subarray(i * k, (i + 1) * k); // ascending
    if (method === 'largest') scores[i] = -near[k - 1]!;
    else if (method === 'median') scores[i] = -(near[(k - 1) >> 1]! + near[k >> 1]!) / 2;
    else scores[i] = -near.reduce((sum, distance) => sum + distance, 0) / k;
  }
  return scores;
}
