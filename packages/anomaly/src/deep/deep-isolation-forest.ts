import { type Key, key } from '@dl/core';
import { type Matrix, sliceRows } from '../data/matrix';
import { learnPreparation } from '../data/preparation';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition, Layout } from '../detector/definition';
import { type Complete, complete, oneOf, random, whole } from '../detector/ranges';
import { type IsolationForestState, isolationForest } from '../detectors/isolation-forest';
import { averagePathLength } from '../trees/average-path-length';
import { type Activation, applyLayers, planLayers, sizesOf } from './dense-layers';
import { layerSizes } from './training-options';

/** Options of `DIF`. */
export interface DIFOptions extends ShareOptions {
  /** How features are scaled, before networks see them. @default 'standard' */
  scaler?: 'none' | 'standard' | 'minMax' | 'robust';
  /** Random networks, each with a forest of its own; a whole number from 1. @default 50 */
  nEnsemble?: number;
  /** Trees of each forest; a whole number from 1. @default 6 */
  nEstimators?: number;
  /** Training rows a tree sees, at most all; a whole number from 2. @default 256 */
  maxSamples?: number;
  /** Sizes of a network's hidden layers. @default [64, 32] */
  hiddenSizes?: readonly number[];
  /** Features of a representation; a whole number from 1. @default 20 */
  representationSize?: number;
  /** What hidden layers do to their sums. @default 'relu' */
  activation?: Activation;
  /** Draws the networks and the trees. @default key(0) */
  key?: Key;
}

/** What a fitted `DIF` keeps: a forest over the representations of all networks side by side, and what makes them. */
export type DIFState = IsolationForestState & {
  /** Weights of all networks, one after the other, each layer by layer `[out, in]`. */
  weights: Float32Array;
  /** Subtracted from each feature of the representations, `[networks * representation]`. */
  shift: Float64Array;
  /** Multiplied after that. */
  factor: Float64Array;
};

type Options = Complete<DIFOptions>;

/** Rows that are represented at once, so that memory stays flat. */
const ROWS_AT_ONCE = 512;

/**
 * Isolation forests behind random networks, whose straight cuts are bent ones in the space of the rows: rings and spirals
 * hide nothing. A representation is standardised by what the training rows are there, then tanh. With h the path length in
 * the trees of one network and g the mean distance of a row to the thresholds on its paths,
 *
 *   score = -mean over networks of 2^(-mean h / c(maxSamples)) mean g
 *
 * Nothing is trained, and no backend needed. Xu et al. (2023), "Deep Isolation Forest for Anomaly Detection". PyOD's `DIF` is
 * `{ scaler: 'minMax', hiddenSizes: [500, 100], activation: 'tanh' }`, and its scores depend on the batch; these defaults take
 * a fifth of its time and find more: mean ROC-AUC on rings 0.997 for 0.922, on spirals 0.983 for 0.920, where
 * `IsolationForest` has 0.874 and 0.846.
 */
export const dif: Definition<DIFOptions, DIFState> = {
  name: 'DIF',
  ranges: {
    ...shareRanges,
    scaler: oneOf('standard', ['none', 'standard', 'minMax', 'robust']),
    nEnsemble: whole(50),
    nEstimators: whole(6),
    maxSamples: whole(256, 2),
    hiddenSizes: layerSizes([64, 32]),
    representationSize: whole(20),
    activation: oneOf('relu', ['relu', 'elu', 'tanh', 'sigmoid']),
    key: random(key(0)),
  },
  fit(rows, options) {
    const { nEnsemble, nEstimators, maxSamples, representationSize: size } = options;
    const weights = options.key.child('weights').normal(nEnsemble * weightsOfOne(options, rows.columns));
    const [shift, factor] = [new Float64Array(nEnsemble * size), new Float64Array(nEnsemble * size)];
    const forests = Array.from({ length: nEnsemble }, (_, n) => {
      const represented = represent(weights, n, rows, options);
      const scale = learnPreparation(represented, 'error', 'standard');
      shift.set(scale.shift, n * size);
      factor.set(scale.factor, n * size);
      bend(represented, scale);
      const forest = complete(isolationForest.name, isolationForest.ranges, {
        nEstimators,
        maxSamples: Math.min(maxSamples, rows.rows),
        key: options.key.child('trees').fold(n),
      });
      return isolationForest.fit(represented, forest, { sampleWeight: undefined }).state;
    });
    return { state: { weights, shift, factor, ...sideBySide(forests, size) } };
  },
  score: scoresOf,
  layout: {
    weights: 'float32',
    shift: 'float64',
    factor: 'float64',
    ...(isolationForest.layout as Layout<IsolationForestState>),
  },
  faultOf(state, columns, options) {
    const { nEnsemble, nEstimators, representationSize: size } = options;
    const count = nEnsemble * weightsOfOne(options, columns);
    if (state.weights.length !== count) return `${state.weights.length} weights of networks, not ${count}`;
    if (!state.weights.every(Number.isFinite)) return 'a weight is not finite';
    for (const part of [state.shift, state.factor]) {
      if (part.length !== nEnsemble * size || !part.every(Number.isFinite)) {
        return `representations are not scaled by ${nEnsemble * size} finite numbers`;
      }
    }
    if (state.roots.length !== nEnsemble * nEstimators) {
      return `${state.roots.length} trees, not ${nEnsemble} times ${nEstimators}`;
    }
    return isolationForest.faultOf(state, nEnsemble * size, complete(isolationForest.name, isolationForest.ranges, {}));
  },
};

function planOf({ hiddenSizes, representationSize, activation }: Options, features: number) {
  return planLayers([features, ...hiddenSizes, representationSize], activation, { bias: false });
}

function weightsOfOne(options: Options, features: number): number {
  return Object.values(sizesOf(planOf(options, features))).reduce((a, b) => a + b);
}

/** What network `n` makes of rows. */
function represent(weights: Float32Array, n: number, rows: Matrix, options: Options): Matrix {
  const own: Record<string, Float32Array> = {};
  let at = n * weightsOfOne(options, rows.columns);
  const plan = planOf(options, rows.columns);
  for (const [name, size] of Object.entries(sizesOf(plan))) {
    own[name] = weights.subarray(at, at + size);
    at += size;
  }
  return applyLayers(own, plan, rows);
}

/** Standardises in place, then tanh. */
function bend({ data, columns }: Matrix, { shift, factor }: { shift: Float64Array; factor: Float64Array }): void {
  for (let at = 0; at < data.length; at++) {
    const f = at % columns;
    data[at] = Math.tanh((data[at]! - shift[f]!) * factor[f]!);
  }
}

/** One forest of several, the features of the n-th being `n * size` and the following. */
function sideBySide(forests: readonly IsolationForestState[], size: number): IsolationForestState {
  const starts = forests.map(() => 0);
  for (let n = 1; n < forests.length; n++) starts[n] = starts[n - 1]! + forests[n - 1]!.feature.length;
  const moved = (of: 'left' | 'roots') =>
    Int32Array.from(forests.flatMap((forest, n) => Array.from(forest[of], (node) => node + starts[n]!)));
  return {
    feature: Int32Array.from(
      forests.flatMap(({ feature }, n) => Array.from(feature, (f) => (f < 0 ? f : f + n * size))),
    ),
    threshold: Float32Array.from(forests.flatMap(({ threshold }) => Array.from(threshold))),
    left: moved('left'),
    path: Float64Array.from(forests.flatMap(({ path }) => Array.from(path))),
    roots: moved('roots'),
    maxSamples: forests[0]!.maxSamples,
  };
}

function scoresOf(state: DIFState, rows: Matrix, options: Options): Float64Array {
  const scores = new Float64Array(rows.rows);
  for (let from = 0; from < rows.rows; from += ROWS_AT_ONCE) {
    const some = sliceRows(rows, from, Math.min(rows.rows, from + ROWS_AT_ONCE));
    for (let n = 0; n < options.nEnsemble; n++) addScores(state, n, some, options, scores.subarray(from));
  }
  return scores;
}

/** Adds what one network and its trees say of rows. */
function addScores(state: DIFState, n: number, rows: Matrix, options: Options, scores: Float64Array): void {
  const { feature, threshold, left, path, roots, maxSamples } = state;
  const { nEnsemble, nEstimators, representationSize: size } = options;
  const represented = represent(state.weights, n, rows, options);
  const [first, last] = [n * size, (n + 1) * size];
  bend(represented, { shift: state.shift.subarray(first, last), factor: state.factor.subarray(first, last) });
  const x = Float32Array.from(represented.data); // as the trees were grown
  const typical = averagePathLength(maxSamples);
  for (let i = 0; i < rows.rows; i++) {
    const row = i * size - first;
    let [paths, deviations] = [0, 0];
    for (let t = n * nEstimators; t < (n + 1) * nEstimators; t++) {
      let node = roots[t]!;
      let [sum, steps] = [0, 0];
      for (let f = feature[node]!; f >= 0; f = feature[node]!) {
        const above = x[row + f]! - threshold[node]!;
        sum += Math.abs(above);
        steps++;
        node = above > 0 ? left[node]! + 1 : left[node]!;
      }
      paths += path[node]!;
      if (steps > 0) deviations += sum / steps;
    }
    const isolation = typical === 0 ? 0.5 : 2 ** (-paths / nEstimators / typical);
    scores[i]! -= (isolation * deviations) / nEstimators / nEnsemble;
  }
}
