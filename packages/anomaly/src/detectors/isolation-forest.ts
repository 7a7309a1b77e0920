import { ConfigError, type Key, key, NumericsError } from '@dl/core';
import type { Matrix } from '../data/matrix';
import { type AutoOptions, autoRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, either, flag, oneOf, random, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { sampleWithoutReplacement } from '../random/sample';
import { averagePathLength } from '../trees/average-path-length';
import { type Forest, faultOfForest, meanPathLengths } from '../trees/forest';
import { growTree, roundDown, type Tree } from '../trees/grow-tree';
import { pathContributions } from '../trees/path-contributions';

/** Options of `IsolationForest`. */
export interface IsolationForestOptions extends AutoOptions {
  /**
   * How many trees. The first trees of a larger forest are those of a smaller one.
   * @default 100
   */
  nEstimators?: number;
  /**
   * Training rows a tree sees: `auto` is 256, or all where there are fewer; a fraction from 0 to 1 is of all rows (1 is
   * all of them); a whole number from 2 on is a number.
   * @default 'auto'
   */
  maxSamples?: 'auto' | number;
  /**
   * Features a tree sees: a fraction from 0 to 1 of all, or a whole number from 2 on.
   * @default 1
   */
  maxFeatures?: number;
  /**
   * Whether the rows of a tree are drawn with replacement; a row that is drawn twice counts once.
   * @default false
   */
  bootstrap?: boolean;
  /**
   * What rows, features and thresholds are drawn with.
   * @default key(0)
   */
  key?: Key;
}

/** What a fitted `IsolationForest` keeps. */
export type IsolationForestState = Forest & {
  /** Training rows that a tree saw. */
  maxSamples: number;
};

const share = between(1, '(]', 0, 1);
const count = whole(2, 2);

/**
 * How soon random splits isolate a row: with h its path length, averaged over the trees, and c(n) that of a random search
 * tree over n rows,
 *
 *   score = -2^(-mean h / c(maxSamples))
 *
 * from -1 (isolated at once) to 0; `explain` says by which features a row is isolated how many steps sooner than an average
 * training row; `auto` puts the threshold at -0.5. Rows are read as float32. Liu, Ting, Zhou (2008);
 * scikit-learn's `IsolationForest`.
 */
export const isolationForest: Definition<IsolationForestOptions, IsolationForestState> = {
  name: 'IsolationForest',
  ranges: {
    ...autoRanges,
    nEstimators: whole(100),
    maxSamples: either<'auto', number>(oneOf('auto', ['auto']), either(share, count)),
    maxFeatures: either(share, count),
    bootstrap: flag(false),
    key: random(key(0)),
  },
  weighted: true,
  autoOffset: () => -0.5,
  fit(rows, options, { sampleWeight }) {
    const maxSamples = samplesOfTree(options, rows.rows);
    const maxDepth = Math.ceil(Math.log2(Math.max(maxSamples, 2)));
    const weightless = sampleWeight === undefined ? undefined : sampleWeight.map((weight) => (weight === 0 ? 1 : 0));
    if (weightless?.every((is) => is === 1)) {
      throw new ConfigError('IsolationForest', 'all sample weights are 0: no row is left to grow a tree on');
    }
    const x = singles(rows);
    const trees = Array.from({ length: options.nEstimators }, (_, t) => {
      const [forRows, forFeatures, forSplits] = options.key.fold(t).split(3);
      const drawn = options.bootstrap
        ? Int32Array.from(new Set(forRows.integers(maxSamples, 0, rows.rows)))
        : sampleWithoutReplacement(rows.rows, maxSamples, forRows);
      const taken = weightless === undefined ? drawn : drawn.filter((row) => weightless[row] === 0);
      const features = featuresOfTree(options, rows.columns, forFeatures);
      return growTree(gather(x, rows.columns, taken, features), features, maxDepth, forSplits);
    });
    return { state: { ...joined(trees), maxSamples } };
  },
  score(state, rows) {
    const scores = meanPathLengths(state, singles(rows), rows.rows, rows.columns);
    const typical = averagePathLength(state.maxSamples);
    // Where no row needs a step (one row a tree), nothing can be said: on the threshold.
    for (let i = 0; i < scores.length; i++) scores[i] = typical === 0 ? -0.5 : -(2 ** (-scores[i]! / typical));
    return scores;
  },
  explain: (state, rows) => pathContributions(state, singles(rows), [rows.rows, rows.columns], state.maxSamples),
  layout: {
    feature: 'int32',
    threshold: 'float32',
    left: 'int32',
    path: 'float64',
    roots: 'int32',
    maxSamples: 'number',
  },
  faultOf: (state, columns) =>
    Number.isInteger(state.maxSamples) && state.maxSamples >= 1
      ? faultOfForest(state, columns)
      : `${state.maxSamples} rows a tree`,
};

/** A tree of a fitted scikit-learn forest: the arrays of `estimator.tree_`. */
export interface ScikitLearnTree {
  /** `children_left`, -1 at a leaf. */
  left: ArrayLike<number>;
  /** `children_right` */
  right: ArrayLike<number>;
  /** `feature` */
  feature: ArrayLike<number>;
  /** `threshold` */
  threshold: ArrayLike<number>;
  /** `n_node_samples` */
  n: ArrayLike<number>;
}

/**
 * The state of a forest that scikit-learn has grown, with every feature in every tree.
 *
 * @param trees the trees in order
 * @param maxSamples `max_samples_`
 * @param columns features seen by the fit
 * @throws ConfigError where the arrays are no trees
 */
export function forestOfScikitLearn(
  trees: readonly ScikitLearnTree[],
  maxSamples: number,
  columns: number,
): IsolationForestState {
  const state = { ...joined(trees.map((tree, t) => fromScikitLearn(tree, t))), maxSamples };
  const wrong = isolationForest.faultOf(state, columns, {} as Complete<IsolationForestOptions>);
  if (wrong !== undefined) throw new ConfigError('IsolationForest', `these are no trees of a forest: ${wrong}`);
  return state;
}

function samplesOfTree({ maxSamples }: Complete<IsolationForestOptions>, rows: number): number {
  if (maxSamples === 'auto') return Math.min(256, rows);
  if (maxSamples <= 1) return Math.max(1, Math.floor(maxSamples * rows));
  if (maxSamples <= rows) return maxSamples;
  warn(
    'IsolationForest',
    `maxSamples (${maxSamples}) is greater than the total number of samples (${rows}): it is set to ${rows}`,
  );
  return rows;
}

function featuresOfTree({ maxFeatures }: Complete<IsolationForestOptions>, columns: number, from: Key): Uint32Array {
  if (maxFeatures > columns) {
    throw new ConfigError(
      'IsolationForest',
      `maxFeatures (${maxFeatures}) is greater than the number of features (${columns})`,
    );
  }
  const count = maxFeatures <= 1 ? Math.max(1, Math.floor(maxFeatures * columns)) : maxFeatures;
  if (count === columns) return Uint32Array.from({ length: columns }, (_, f) => f);
  return sampleWithoutReplacement(columns, count, from);
}

/** Rows in float32, as scikit-learn's trees read them. */
function singles({ data, columns }: Matrix): Float32Array {
  const x = new Float32Array(data);
  for (let at = 0; at < x.length; at++) {
    if (x[at]! - x[at]! === 0) continue; // finite
    const [row, column] = [Math.floor(at / columns), at % columns];
    throw new NumericsError(
      `IsolationForest: Input X contains a value too large for float32: ${data[at]} (row ${row}, column ${column})`,
    );
  }
  return x;
}

function gather(x: Float32Array, columns: number, rows: ArrayLike<number>, features: ArrayLike<number>): Float32Array {
  const taken = new Float32Array(rows.length * features.length);
  for (let i = 0, at = 0; i < rows.length; i++) {
    for (let f = 0; f < features.length; f++) taken[at++] = x[rows[i]! * columns + features[f]!]!;
  }
  return taken;
}

/** Trees one behind the other; children by their place among all nodes. */
function joined(trees: readonly Tree[]): Forest {
  const roots = new Int32Array(trees.length);
  for (let t = 1; t < trees.length; t++) roots[t] = roots[t - 1]! + trees[t - 1]!.feature.length;
  return {
    feature: Int32Array.from(trees.flatMap((tree) => tree.feature)),
    threshold: Float32Array.from(trees.flatMap((tree) => tree.threshold)),
    left: Int32Array.from(trees.flatMap((tree, t) => tree.left.map((child) => child + roots[t]!))),
    path: Float64Array.from(trees.flatMap((tree) => tree.path)),
    roots,
  };
}

/** Nodes in a new order, in which the two children of a node stand side by side. */
function fromScikitLearn({ left, right, feature, threshold, n }: ScikitLearnTree, t: number): Tree {
  const tree: Tree = { feature: [], threshold: [], left: [], path: [] };
  const queue = [{ node: 0, depth: 0 }];
  for (let i = 0; i < queue.length; i++) {
    const { node, depth } = queue[i]!;
    if (!(node in left) || queue.length > left.length) {
      throw new ConfigError('IsolationForest', `tree ${t}: node ${node} does not exist, or is reached twice`);
    }
    const leaf = left[node]! < 0;
    tree.feature.push(leaf ? -1 : feature[node]!);
    tree.threshold.push(leaf ? 0 : roundDown(threshold[node]!));
    tree.left.push(leaf ? i : queue.length);
    tree.path.push(leaf ? depth + averagePathLength(n[node]!) : 0);
    if (!leaf) queue.push({ node: left[node]!, depth: depth + 1 }, { node: right[node]!, depth: depth + 1 });
  }
  return tree;
}
