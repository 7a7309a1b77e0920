import { ConfigError } from '@dl/core';
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
 * Where the distance is a sum over features, `explain` says what each adds: |a - b|^p / distance^(p - 1).
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
  explain(state, rows, options) {
    const power = powerOf(options);
    const { nNeighbors: k } = state;
    const d = rows.columns;
    const training = { data: state.rows, rows: state.nSamplesFit, columns: d };
    const { distances, indices } = nearestNeighbors(training, rows, k, options);
    const contributions = new Float64Array(rows.data.length);
    const weights = weightsOf(options.method, k);
    for (let i = 0; i < rows.rows; i++) {
      for (const [n, weight] of weights.entries()) {
        const distance = distances[i * k + n]!;
        if (weight === 0 || distance === 0) continue;
        const start = indices[i * k + n]! * d;
        for (let f = 0; f < d; f++) {
          const apart = Math.abs(rows.data[i * d + f]! - state.rows[start + f]!);
          contributions[i * d + f]! += weight * apart * (apart / distance) ** (power - 1);
        }
      }
    }
    return contributions;
  },
  layout: { rows: 'float64', nNeighbors: 'number', nSamplesFit: 'number' },
  faultOf: ({ rows, nNeighbors, nSamplesFit }, columns, options) =>
    rows.length !== (isPrecomputed(options) ? 0 : nSamplesFit * columns)
      ? `${rows.length} numbers for ${nSamplesFit} training rows of ${columns}`
      : Number.isInteger(nNeighbors) && nNeighbors >= 1 && nNeighbors <= nSamplesFit
        ? undefined
        : `${nNeighbors} neighbours of ${nSamplesFit} training rows`,
};

/** distance = sum over features of |a - b|^p / distance^(p - 1): what has such a power is a sum. */
function powerOf({ metric, p }: Complete<KNearestNeighborsOptions>): number {
  if (metric === 'manhattan') return 1;
  if (metric === 'euclidean') return 2;
  if (metric === 'minkowski') return p;
  throw new ConfigError(
    'KNearestNeighbors',
    `a distance by ${typeof metric === 'string' ? `'${metric}'` : 'a function'} is no sum over features, so that none has a part in it`,
    "metric: 'euclidean', 'manhattan' or 'minkowski'",
  );
}

/** How much the distance to each neighbour, from near to far, counts for the score. */
function weightsOf(method: 'largest' | 'mean' | 'median', k: number): Float64Array {
  const weights = new Float64Array(k).fill(method === 'mean' ? 1 / k : 0);
  if (method === 'largest') weights[k - 1] = 1;
  if (method === 'median') for (const at of [(k - 1) >> 1, k >> 1]) weights[at]! += 0.5;
  return weights;
}

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
