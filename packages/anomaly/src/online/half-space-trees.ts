import { type Key, key as keyOf, NumericsError, ShapeError } from '@dl/core';
import { between, complete, type Ranges, random, whole } from '../detector/ranges';

/** Options of `HalfSpaceTrees`. */
export interface HalfSpaceTreesOptions {
  /** Number of trees; from 1. @default 25 */
  nTrees?: number;
  /** Splits from root to leaf; from 1 to 16. Memory doubles with each. @default 10 */
  depth?: number;
  /** Rows of a window: rows are judged by the window before; from 2. @default 250 */
  window?: number;
  /** A node with at most this share of the window is not descended further; 0 <= sizeLimit <= 1. @default 0.1 */
  sizeLimit?: number;
  /** Draws the trees. @default key(0) */
  key?: Key;
}

const ranges: Ranges<HalfSpaceTreesOptions> = {
  nTrees: whole(25),
  depth: {
    fallback: 10,
    range: 'an int in the range [1, 16]',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 16,
  },
  window: whole(250, 2),
  sizeLimit: between(0.1, '[]', 0, 1),
  key: random(keyOf(0)),
};

/** A full tree; the children of node i are 2i + 1 (below the threshold) and 2i + 2. Leaves have no split. */
interface Tree {
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  /** Rows in each node of the last full window. */
  reference: Uint32Array;
  /** Rows in each node of the present window. */
  latest: Uint32Array;
}

/**
 * Random trees over an endless stream of rows, in constant memory: every node counts the rows of a window, and a row is
 * abnormal where few were in the window before. score = mean over trees of `count 2^level / window` of the first node with
 * little in it; 1 for rows spread evenly. The first window gives the range of each feature, and is not judged.
 * Tan, Ting and Liu (2011); river's `HalfSpaceTrees`.
 *
 * @example
 * ```ts
 * import { online } from '@dl/anomaly';
 *
 * const trees = new online.HalfSpaceTrees({ window: 50 });
 * for (let t = 0; t < 100; t++) trees.update([Math.sin(t), Math.cos(t)]);
 * const odd = trees.update([0, 0]) < trees.update([0, 1]); // true
 * ```
 */
export class HalfSpaceTrees {
  readonly #options;
  #first: number[][] = [];
  #trees: Tree[] = [];
  #features = 0;
  #inWindow = 0;

  /** @throws ParameterError for options out of range */
  constructor(options: HalfSpaceTreesOptions = {}) {
    this.#options = complete('HalfSpaceTrees', ranges, options);
  }

  /**
   * Scores a row, then learns from it.
   *
   * @returns bigger for more normal; NaN during the first window
   * @throws ShapeError for another number of features than before; NumericsError for NaN and Infinity
   */
  update(row: readonly number[]): number {
    this.#check(row);
    const { window } = this.#options;
    if (this.#trees.length === 0) {
      this.#first.push([...row]);
      if (this.#first.length === window) this.#begin();
      return Number.NaN;
    }
    let sum = 0;
    for (const tree of this.#trees) {
      sum += this.#mass(tree, row);
      this.#count(tree, row);
    }
    if (++this.#inWindow === window) this.#turn();
    return sum / this.#trees.length;
  }

  #check(row: readonly number[]): void {
    if (this.#features === 0) this.#features = row.length;
    if (row.length === 0 || row.length !== this.#features) {
      throw new ShapeError(
        'HalfSpaceTrees',
        row.length === 0
          ? 'the row has no features'
          : `the row has ${row.length} features, the rows before had ${this.#features}`,
      );
    }
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new NumericsError(`HalfSpaceTrees: feature ${bad} of the row is ${row[bad]}`);
  }

  /** Draws the trees for the ranges of the first window, and counts it. */
  #begin(): void {
    const { nTrees, key } = this.#options;
    const low = this.#first[0]!.slice();
    const high = low.slice();
    for (const row of this.#first) {
      for (const [f, value] of row.entries()) {
        low[f] = Math.min(low[f]!, value);
        high[f] = Math.max(high[f]!, value);
      }
    }
    this.#trees = Array.from({ length: nTrees }, (_, t) => this.#draw(low, high, key.fold(t)));
    for (const tree of this.#trees) for (const row of this.#first) this.#count(tree, row);
    this.#first = [];
    this.#turn();
  }

  /** Splits in the middle of a work range, which reaches beyond the data by a random amount on either side. */
  #draw(low: readonly number[], high: readonly number[], key: Key): Tree {
    const nodes = 2 ** (this.#options.depth + 1) - 1;
    const inner = 2 ** this.#options.depth - 1;
    const feature = key.child('feature').integers(inner, 0, low.length);
    const threshold = new Float64Array(inner);
    const centers = key.child('center').uniform(low.length);
    const split = (node: number, from: readonly number[], to: readonly number[]): void => {
      if (node >= inner) return;
      const f = feature[node]!;
      const middle = (from[f]! + to[f]!) / 2;
      threshold[node] = middle;
      split(2 * node + 1, from, replaced(to, f, middle));
      split(2 * node + 2, replaced(from, f, middle), to);
    };
    const reach = low.map((least, f) => 2 * Math.max(centers[f]!, 1 - centers[f]!) * (high[f]! - least));
    const center = low.map((least, f) => least + centers[f]! * (high[f]! - least));
    split(
      0,
      center.map((value, f) => value - reach[f]!),
      center.map((value, f) => value + reach[f]!),
    );
    return { feature, threshold, reference: new Uint32Array(nodes), latest: new Uint32Array(nodes) };
  }

  #mass({ feature, threshold, reference }: Tree, row: readonly number[]): number {
    const { sizeLimit, window } = this.#options;
    let [node, level] = [0, 0];
    while (node < threshold.length && reference[node]! > sizeLimit * window) {
      node = 2 * node + (row[feature[node]!]! < threshold[node]! ? 1 : 2);
      level++;
    }
    return (reference[node]! * 2 ** level) / window;
  }

  #count({ feature, threshold, latest }: Tree, row: readonly number[]): void {
    let node = 0;
    latest[0]!++;
    while (node < threshold.length) {
      node = 2 * node + (row[feature[node]!]! < threshold[node]! ? 1 : 2);
      latest[node]!++;
    }
  }

  /** The present window becomes the one that rows are judged by. */
  #turn(): void {
    for (const tree of this.#trees) {
      [tree.reference, tree.latest] = [tree.latest, tree.reference];
      tree.latest.fill(0);
    }
    this.#inWindow = 0;
  }
}

function replaced(values: readonly number[], at: number, value: number): number[] {
  return values.map((before, i) => (i === at ? value : before));
}
