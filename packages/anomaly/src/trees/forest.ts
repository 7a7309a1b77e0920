import { withKernels } from '../memory/kernels';

/** Trees as flat arrays over all their nodes. */
export type Forest = {
  /** The feature that a node asks for; -1 at a leaf. `[nodes]` */
  feature: Int32Array;
  /** Rows whose feature is at most this go left. `[nodes]` */
  threshold: Float32Array;
  /** The left child, by its place in these arrays; the right one follows it. At a leaf, the leaf. `[nodes]` */
  left: Int32Array;
  /** At a leaf: its depth, and the steps it would take to tell its training rows apart. `[nodes]` */
  path: Float64Array;
  /** The place of each tree's root. `[trees]` */
  roots: Int32Array;
};

/** Below this number of rows it costs less to walk here than to give the trees to the kernel. */
const FEW_ROWS = 32;

/** The mean path length of each row over all trees. */
export function meanPathLengths(forest: Forest, x: Float32Array, rows: number, columns: number): Float64Array {
  const sums = rows < FEW_ROWS ? walk(forest, x, rows, columns) : byKernel(forest, x, rows, columns);
  const trees = forest.roots.length;
  for (let i = 0; i < rows; i++) sums[i]! /= trees;
  return sums;
}

function walk({ feature, threshold, left, path, roots }: Forest, x: Float32Array, rows: number, columns: number) {
  const sums = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    let sum = 0;
    for (let t = 0; t < roots.length; t++) {
      let node = roots[t]!;
      for (let f = feature[node]!; f >= 0; f = feature[node]!) {
        node = x[row + f]! > threshold[node]! ? left[node]! + 1 : left[node]!;
      }
      sum += path[node]!;
    }
    sums[i] = sum;
  }
  return sums;
}

function byKernel(forest: Forest, x: Float32Array, rows: number, columns: number): Float64Array {
  const { feature, threshold, left, path, roots } = forest;
  const words = new Int32Array(feature.length * 3);
  const floats = new Float32Array(words.buffer);
  for (let i = 0; i < feature.length; i++) {
    const leaf = feature[i]! < 0;
    words[3 * i] = leaf ? 0 : feature[i]!;
    floats[3 * i + 1] = leaf ? Number.POSITIVE_INFINITY : threshold[i]!;
    words[3 * i + 2] = left[i]!;
  }
  return withKernels((kernels, lease) => {
    const sums = lease.put(new Float64Array(rows));
    kernels.pathLengths(
      rows,
      columns,
      lease.put(x),
      roots.length,
      lease.put(words),
      lease.put(path),
      lease.put(roots),
      lease.put(depthsOf(forest)),
      sums,
    );
    return lease.float64(sums, rows);
  });
}

/** Steps from each root to its deepest leaf. Children lie behind their parents: one pass over the nodes. */
export function depthsOf({ feature, left, roots }: Pick<Forest, 'feature' | 'left' | 'roots'>): Int32Array {
  const depth = new Int32Array(feature.length);
  const deepest = new Int32Array(roots.length);
  for (let t = 0; t < roots.length; t++) {
    const end = roots[t + 1] ?? feature.length;
    for (let i = roots[t]!; i < end; i++) {
      if (feature[i]! < 0) {
        deepest[t] = Math.max(deepest[t]!, depth[i]!);
      } else {
        depth[left[i]!] = depth[i]! + 1;
        depth[left[i]! + 1] = depth[i]! + 1;
      }
    }
  }
  return deepest;
}

/** What is wrong with arrays that claim to be a forest: every node but a root must be the child of one node before it. */
export function faultOfForest({ feature, threshold, left, path, roots }: Forest, columns: number): string | undefined {
  const nodes = feature.length;
  if (threshold.length !== nodes || left.length !== nodes || path.length !== nodes) {
    return `${nodes} features, ${threshold.length} thresholds, ${left.length} children and ${path.length} paths of nodes`;
  }
  if (roots.length === 0 || roots[0] !== 0) return 'the first tree does not begin at node 0';
  for (let t = 0; t < roots.length; t++) {
    const [start, end] = [roots[t]!, roots[t + 1] ?? nodes];
    if (!(start < end && end <= nodes)) return `tree ${t} lies from node ${start} to ${end}`;
    let next = start + 1; // children come in pairs, in the order of their parents or any other, each pair once
    const claimed = new Uint8Array(end - start);
    for (let i = start; i < end; i++) {
      const [f, child] = [feature[i]!, left[i]!];
      if (f < 0) {
        if (child !== i) return `leaf ${i} has the child ${child}`;
        if (!Number.isFinite(path[i]!)) return `leaf ${i} has the path length ${path[i]}`;
        continue;
      }
      if (f >= columns) return `node ${i} asks for feature ${f} of ${columns}`;
      if (Number.isNaN(threshold[i]!)) return `node ${i} has no threshold`;
      if (!(child > i && child + 1 < end) || claimed[child - start] || claimed[child + 1 - start]) {
        return `node ${i} has the child ${child}`;
      }
      claimed[child - start] = 1;
      claimed[child + 1 - start] = 1;
      next += 2;
    }
    if (next !== end) return `tree ${t} has nodes that no path leads to`;
  }
  return undefined;
}
