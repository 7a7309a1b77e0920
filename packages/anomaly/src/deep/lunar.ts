import type { Context, Key, Module } from '@dl/core';
import { mse } from '@dl/core/losses';
import { slice, type Tensor } from '@dl/core/ops';
import type { Matrix } from '../data/matrix';
import type { Definition } from '../detector/definition';
import { between, type Complete, oneOf, whole } from '../detector/ranges';
import { clipNeighbors } from '../neighbors/clip-neighbors';
import { nearestNeighbors } from '../neighbors/nearest-neighbors';
import { applyLayers, buildStack, planLayers, sizesOf } from './dense-layers';
import { type RowBatch, requireBackend, trainNetwork } from './train-network';
import { layerSizes, type TrainingOptions, trainingRanges } from './training-options';
import { faultOfWeights, storedWeights, type Weights, weightsOf } from './weights';

/** Options of `LUNAR`. */
export interface LUNAROptions extends TrainingOptions {
  /** How features are scaled. @default 'minMax' */
  scaler?: 'none' | 'standard' | 'minMax' | 'robust';
  /** Neighbours whose distances the network is given; a whole number from 1. @default 5 */
  nNeighbors?: number;
  /** Sizes of the hidden layers. @default [64, 64] */
  hiddenSizes?: readonly number[];
  /** How far made-up outliers lie from the data, as a share of each feature's range; above 0. @default 0.1 */
  epsilon?: number;
}

/** The share of features that are moved to make an outlier of a row, besides one in any case. */
const SUBSPACE_SHARE = 0.3;

/**
 * k nearest neighbours with the last step learnt: a network is given the distances to the nearest training rows, in units of
 * their mean, and says whether a row is real or made up. Half of the made-up rows are spread evenly over the ranges of the
 * features, half are training rows moved a little in some features. score = -network(distances), from -1 (an outlier) to 0.
 * Goodge et al. (2022), "LUNAR: Unifying Local Outlier Detection Methods via Graph Neural Networks"; PyOD's `LUNAR`, without
 * its choice among epochs by held-out rows.
 */
export const lunar: Definition<LUNAROptions, Weights> = {
  name: 'LUNAR',
  ranges: {
    ...trainingRanges,
    scaler: oneOf('minMax', ['none', 'standard', 'minMax', 'robust']),
    nNeighbors: whole(5),
    hiddenSizes: layerSizes([64, 64]),
    epsilon: between(0.1, '()', 0),
  },
  fit(given, options) {
    requireBackend('LUNAR');
    const rows = Float32Array.from(given.data); // what a file keeps
    const training = { ...given, data: Float64Array.from(rows) };
    const k = clipNeighbors('LUNAR', options.nNeighbors, training.rows);
    const real = nearestNeighbors(training, 'itself', k, {}).distances;
    const unit = Float32Array.of(real.reduce((a, b) => a + b, 0) / real.length || 1);
    const madeUp = outliersAround(training, options.epsilon, options.key.child('outliers'));
    const distances = nearestNeighbors(training, madeUp, k, {}).distances;

    // each row: distances, then 1 where it is made up
    const examples = { data: new Float64Array(2 * training.rows * (k + 1)), rows: 2 * training.rows, columns: k + 1 };
    for (const [half, values] of [real, distances].entries()) {
      for (let i = 0; i < training.rows; i++) {
        const at = (half * training.rows + i) * (k + 1);
        for (let j = 0; j < k; j++) examples.data[at + j] = values[i * k + j]! / unit[0]!;
        examples.data[at + k] = half;
      }
    }
    using model = buildStack(planOf(options, k), options.key.child('weights'));
    const loss = {
      compute(of: Module<Tensor, Tensor>, { x }: RowBatch, ctx: Context) {
        const size = x.shape[0];
        return mse(of.forward(slice(x, [0, 0], [size, k]), ctx), slice(x, [0, k], [size, 1]));
      },
    };
    trainNetwork(model, loss, examples, options);
    const state = { ...weightsOf(model), rows, unit };
    return { state, scores: () => scoresOf(state, real, k, options) };
  },
  score(state, rows, options) {
    const training = {
      data: Float64Array.from(state.rows!),
      rows: state.rows!.length / rows.columns,
      columns: rows.columns,
    };
    const k = neighborsIn(state, options);
    return scoresOf(state, nearestNeighbors(training, rows, k, {}).distances, k, options);
  },
  layout: (options) => ({ ...storedWeights(sizesOf(planOf(options, 1))), rows: 'float32', unit: 'float32' }),
  faultOf(state, columns, options) {
    const { rows, unit } = state;
    const count = rows!.length / columns;
    if (!(Number.isInteger(count) && count >= 2 && rows!.every(Number.isFinite))) {
      return `${rows!.length} numbers are no training rows of ${columns} features`;
    }
    if (unit?.length !== 1 || !(unit[0]! > 0 && unit[0]! < Number.POSITIVE_INFINITY)) return 'its unit is no distance';
    const k = neighborsIn(state, options);
    if (!(Number.isInteger(k) && k >= 1 && k < count))
      return `it looks for ${k} neighbours among ${count} training rows`;
    return faultOfWeights(state, sizesOf(planOf(options, k)));
  },
};

function planOf({ hiddenSizes }: Complete<LUNAROptions>, k: number) {
  return planLayers([k, ...hiddenSizes, 1], 'tanh', { last: 'sigmoid' });
}

/** The number of neighbours that the first layer was made for; fewer than asked for where there were fewer rows. */
function neighborsIn(state: Weights, { hiddenSizes }: Complete<LUNAROptions>): number {
  return state['0.weight']!.length / hiddenSizes[0]!;
}

function scoresOf(state: Weights, distances: Float64Array, k: number, options: Complete<LUNAROptions>): Float64Array {
  const unit = state.unit![0]!;
  const inputs = { data: distances.map((distance) => distance / unit), rows: distances.length / k, columns: k };
  return applyLayers(state, planOf(options, k), inputs).data.map((output) => -output);
}

/** As many outliers as rows: evenly spread ones in the even places, moved rows in the odd ones. */
function outliersAround({ data, rows, columns }: Matrix, epsilon: number, key: Key): Matrix {
  const low = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let at = 0; at < data.length; at++) {
    low[at % columns] = Math.min(low[at % columns]!, data[at]!);
    high[at % columns] = Math.max(high[at % columns]!, data[at]!);
  }
  const spread = key.child('spread').uniform(data.length);
  const moves = key.child('moves').normal(data.length);
  const chosen = key.child('chosen').uniform(data.length);
  const always = key.child('always').integers(rows, 0, columns); // a row that stays as it is would be no outlier
  return {
    rows,
    columns,
    data: data.map((value, at) => {
      const f = at % columns;
      const range = high[f]! - low[f]! || 1;
      const row = Math.floor(at / columns);
      if (row % 2 === 0) {
        return low[f]! - epsilon * range + spread[at]! * range * (1 + 2 * epsilon);
      }
      return f === always[row] || chosen[at]! < SUBSPACE_SHARE ? value + epsilon * range * moves[at]! : value;
    }),
  };
}
