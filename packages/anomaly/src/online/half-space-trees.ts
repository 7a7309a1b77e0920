import { type Key, key as keyOf, NumericsError, ShapeError } from '@dl/core';
import { percentile } from '../data/quantile';
import type { State } from '../detector/definition';
import { between, either, oneOf, type Ranges, random, whole } from '../detector/ranges';
import { isCount, LEARNING, OnlineDetector, type Verdict } from './online-detector';

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
  /** A row whose score is below it is an outlier; `auto`: where the share `contamination` of the first window is. @default 'auto' */
  threshold?: 'auto' | number;
  /** The share of the first window that lies below the threshold `auto`; 0 < contamination <= 0.5. @default 0.01 */
  contamination?: number;
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
  threshold: either<'auto', number>(oneOf('auto', ['auto']), between(0, '[)', 0)),
  contamination: between(0.01, '(]', 0, 0.5),
  key: random(keyOf(0)),
};

/**
 * Random trees over an endless stream of rows, in constant memory: every node counts the rows of a window, and a row is
 * abnormal where few were in the window before. score = mean over trees of `count 2^level / window` of the first node with
 * little in it; 1 for rows spread evenly. The first window gives the range of each feature and the threshold, and is not
 * judged. Tan, Ting and Liu (2011); river's `HalfSpaceTrees`.
 *
 * @example
 * ```ts
 * import { online } from '@dl/anomaly';
 *
 * const trees = new online.HalfSpaceTrees({ window: 50 });
 * for (let t = 0; t < 100; t++) trees.update([Math.sin(t), Math.cos(t)]);
 * const usual = trees.update([0, 1]).label; // 1
 * const odd = trees.update([5, -5]).label; // -1
 * ```
 */
export class HalfSpaceTrees extends OnlineDetector<HalfSpaceTreesOptions, readonly number[]> {
  readonly layout = {
    first: 'float64',
    features: 'number',
    inWindow: 'number',
    offset: 'number',
    feature: 'int32',
    split: 'float64',
    reference: 'uint32',
    latest: 'uint32',
  } as const;
  /** Rows of the first window, until it is full. */
  #first: number[][] = [];
  #features = 0;
  #inWindow = 0;
  #offset = Number.NaN;
  /**
   * The feature and the place of each split, `[trees, 2^depth - 1]`; the children of node i are 2i + 1 (below the place) and
   * 2i + 2. Empty during the first window.
   */
  #feature = new Int32Array(0);
  #split = new Float64Array(0);
  /** Rows in each node of the last full window, `[trees, 2^(depth + 1) - 1]`. */
  #reference = new Uint32Array(0);
  /** Rows in each node of the present window. */
  #latest = new Uint32Array(0);

  /** @throws ParameterError for options out of range */
  constructor(options: HalfSpaceTreesOptions = {}) {
    super('HalfSpaceTrees', ranges, options);
  }

  /** The threshold: a row whose score is below it is an outlier; NaN during the first window. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Judges a row, then learns from it.
   *
   * @throws ShapeError for another number of features than before; NumericsError for NaN and Infinity
   */
  update(row: readonly number[]): Verdict {
    this.#check(row);
    const { window } = this.options;
    if (this.#feature.length === 0) {
      this.#first.push([...row]);
      if (this.#first.length === window) this.#begin();
      return LEARNING;
    }
    const score = this.#score(row);
    this.#count(row);
    if (++this.#inWindow === window) this.#turn();
    return { score, label: score < this.#offset ? -1 : 1 };
  }

  /** @internal */
  get state() {
    return {
      first: Float64Array.from(this.#first.flat()),
      features: this.#features,
      inWindow: this.#inWindow,
      offset: this.#offset,
      feature: this.#feature.slice(),
      split: this.#split.slice(),
      reference: this.#reference.slice(),
      latest: this.#latest.slice(),
    };
  }

  /** @internal */
  resume(state: State): string | undefined {
    const { first, features, inWindow, offset, feature, split, reference, latest } = state as HalfSpaceTrees['state'];
    const { nTrees, depth, window } = this.options;
    const begun = feature.length > 0;
    if (!isCount(features) || !isCount(inWindow, window - 1))
      return `${inWindow} rows of ${features} features in a window`;
    const rows = features === 0 ? 0 : first.length / features;
    if (!isCount(rows, window - 1) || (begun && rows > 0) || !first.every(Number.isFinite)) {
      return `${first.length} numbers of the first window, for ${features} features`;
    }
    const [splits, nodes] = begun ? [nTrees * (2 ** depth - 1), nTrees * (2 ** (depth + 1) - 1)] : [0, 0];
    if (feature.length !== splits || split.length !== splits || reference.length !== nodes || latest.length !== nodes) {
      return `not ${nTrees} trees of depth ${depth}`;
    }
    if (!feature.every((f) => f >= 0 && f < features)) return `a split is by none of the ${features} features`;
    if (begun && Number.isNaN(offset)) return 'its offset is NaN';
    this.#first = Array.from({ length: rows }, (_, i) => [...first.subarray(i * features, (i + 1) * features)]);
    [this.#features, this.#inWindow, this.#offset] = [features, inWindow, offset];
    [this.#feature, this.#split, this.#reference, this.#latest] = [
      feature.slice(),
      split.slice(),
      reference.slice(),
      latest.slice(),
    ];
    return undefined;
  }

  #check(row: readonly number[]): void {
    if (row.length === 0 || (this.#features > 0 && row.length !== this.#features)) {
      throw new ShapeError(
        'HalfSpaceTrees',
        row.length === 0
          ? 'the row has no features'
          : `the row has ${row.length} features, the rows before had ${this.#features}`,
      );
    }
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new NumericsError(`HalfSpaceTrees: feature ${bad} of the row is ${row[bad]}`);
    this.#features = row.length;
  }

  /** Draws the trees for the ranges of the first window, counts it, and puts the threshold among its scores. */
  #begin(): void {
    const { nTrees, depth, key, threshold, contamination } = this.options;
    const low = this.#first[0]!.slice();
    const high = low.slice();
    for (const row of this.#first) {
      for (const [f, value] of row.entries()) {
        low[f] = Math.min(low[f]!, value);
        high[f] = Math.max(high[f]!, value);
      }
    }
    const inner = 2 ** depth - 1;
    this.#feature = new Int32Array(nTrees * inner);
    this.#split = new Float64Array(nTrees * inner);
    this.#reference = new Uint32Array(nTrees * (2 * inner + 1));
    this.#latest = new Uint32Array(nTrees * (2 * inner + 1));
    for (let tree = 0; tree < nTrees; tree++) this.#draw(tree, low, high, key.fold(tree));
    for (const row of this.#first) this.#count(row);
    this.#turn();
    this.#offset =
      threshold === 'auto'
        ? percentile(
            this.#first.map((row) => this.#score(row)),
            100 * contamination,
          )
        : threshold;
    this.#first = [];
  }

  /** Splits in the middle of a work range, which reaches beyond the data by a random amount on either side. */
  #draw(tree: number, low: readonly number[], high: readonly number[], key: Key): void {
    const inner = 2 ** this.options.depth - 1;
    const start = tree * inner;
    this.#feature.set(key.child('feature').integers(inner, 0, low.length), start);
    const centers = key.child('center').uniform(low.length);
    const split = (node: number, from: readonly number[], to: readonly number[]): void => {
      if (node >= inner) return;
      const f = this.#feature[start + node]!;
      const middle = (from[f]! + to[f]!) / 2;
      this.#split[start + node] = middle;
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
  }

  #score(row: readonly number[]): number {
    const { nTrees, depth, sizeLimit, window } = this.options;
    const [inner, nodes] = [2 ** depth - 1, 2 ** (depth + 1) - 1];
    let sum = 0;
    for (let tree = 0; tree < nTrees; tree++) {
      let [node, level] = [0, 0];
      while (node < inner && this.#reference[tree * nodes + node]! > sizeLimit * window) {
        node = this.#child(tree * inner, node, row);
        level++;
      }
      sum += (this.#reference[tree * nodes + node]! * 2 ** level) / window;
    }
    return sum / nTrees;
  }

  #count(row: readonly number[]): void {
    const { nTrees, depth } = this.options;
    const [inner, nodes] = [2 ** depth - 1, 2 ** (depth + 1) - 1];
    for (let tree = 0; tree < nTrees; tree++) {
      let node = 0;
      this.#latest[tree * nodes]!++;
      while (node < inner) {
        node = this.#child(tree * inner, node, row);
        this.#latest[tree * nodes + node]!++;
      }
    }
  }

  #child(start: number, node: number, row: readonly number[]): number {
    return 2 * node + (row[this.#feature[start + node]!]! < this.#split[start + node]! ? 1 : 2);
  }

  /** The present window becomes the one that rows are judged by. */
  #turn(): void {
    [this.#reference, this.#latest] = [this.#latest, this.#reference];
    this.#latest.fill(0);
    this.#inWindow = 0;
  }
}

function replaced(values: readonly number[], at: number, value: number): number[] {
  return values.map((before, i) => (i === at ? value : before));
}
