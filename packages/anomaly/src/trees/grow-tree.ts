import type { Key } from '@dl/core';
import { averagePathLength } from './average-path-length';

/** Nodes of one tree, children by their place in it. */
export interface Tree {
  feature: number[];
  threshold: number[];
  left: number[];
  path: number[];
}

/** scikit-learn's `FEATURE_THRESHOLD`: a feature that varies by less is constant. */
const CONSTANT = 1e-7;

/**
 * Grows an isolation tree: at each node a feature that is not constant there, and a threshold between its smallest and
 * its largest value, both at random, until rows are alone, equal, or `maxDepth` deep.
 *
 * @param rows `[n, features.length]` in float32: the tree's own rows and features
 * @param features what the columns of `rows` are called in the tree
 */
export function growTree(rows: Float32Array, features: ArrayLike<number>, maxDepth: number, key: Key): Tree {
  const columns = features.length;
  const count = rows.length / columns;
  const tree: Tree = { feature: [], threshold: [], left: [], path: [] };
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const candidates = Int32Array.from({ length: columns }, (_, f) => f);
  const next = words(key, 4 * count);

  const queue = [{ from: 0, to: count, depth: 0 }];
  tree.feature.push(-1);
  tree.threshold.push(0);
  tree.left.push(0);
  tree.path.push(0);
  for (let node = 0; node < queue.length; node++) {
    const { from, to, depth } = queue[node]!;
    const split =
      depth < maxDepth && to - from > 1 ? choose(rows, columns, order, from, to, candidates, next) : undefined;
    if (split === undefined) {
      tree.left[node] = node;
      tree.path[node] = depth + averagePathLength(to - from);
      continue;
    }
    const { column, threshold } = split;
    let middle = from;
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      if (rows[row * columns + column]! <= threshold) {
        order[i] = order[middle]!;
        order[middle++] = row;
      }
    }
    tree.feature[node] = features[column]!;
    tree.threshold[node] = threshold;
    tree.left[node] = queue.length;
    for (const [start, end] of [
      [from, middle],
      [middle, to],
    ] as const) {
      queue.push({ from: start, to: end, depth: depth + 1 });
      tree.feature.push(-1);
      tree.threshold.push(0);
      tree.left.push(0);
      tree.path.push(0);
    }
  }
  return tree;
}

/** A feature that is not constant in these rows, each of them equally likely, and a threshold; none where all are constant. */
function choose(
  rows: Float32Array,
  columns: number,
  order: Int32Array,
  from: number,
  to: number,
  candidates: Int32Array,
  next: () => number,
): { column: number; threshold: number } | undefined {
  for (let left = columns; left > 0; left--) {
    const drawn = Math.floor((next() / 2 ** 32) * left);
    const column = candidates[drawn]!;
    candidates[drawn] = candidates[left - 1]!;
    candidates[left - 1] = column;
    let [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = from; i < to; i++) {
      const value = rows[order[i]! * columns + column]!;
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
    if (largest <= smallest + CONSTANT) continue;
    const threshold = roundDown(smallest + (next() / 2 ** 32) * (largest - smallest));
    return { column, threshold: threshold < largest ? threshold : smallest };
  }
  return undefined;
}

/** Random 32-bit words, about `expected` of them made at once. */
function words(key: Key, expected: number): () => number {
  let block = key.bits(expected);
  let [at, blocks] = [0, 0];
  return () => {
    if (at === block.length) {
      block = key.fold(blocks++).bits(1024);
      at = 0;
    }
    return block[at++]!;
  };
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The largest float32 that is not above x: a float32 is at most x exactly where it is at most that. */
export function roundDown(x: number): number {
  float[0] = x;
  if (float[0] <= x) return float[0];
  if (float[0] === 0) return -1.401298464324817e-45;
  bits[0]! += float[0] > 0 ? -1 : 1;
  return float[0];
}
