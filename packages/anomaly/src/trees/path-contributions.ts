import { averagePathLength } from './average-path-length';
import type { Forest } from './forest';

/**
 * How many steps sooner than an average training row each row is isolated, by the features that were asked for: a split
 * counts by how much it changes the path that is to be expected. Means over the trees, `[rows, columns]`. A row of them adds up
 * to the mean path of the training rows less its own. Saabas (2014), for path lengths.
 *
 * @param maxSamples training rows that a tree saw
 */
export function pathContributions(
  forest: Forest,
  x: Float32Array,
  [rows, columns]: readonly [number, number],
  maxSamples: number,
): Float64Array {
  const { feature, threshold, left, roots } = forest;
  const expected = expectedPaths(forest, maxSamples);
  const contributions = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (const root of roots) {
      let node = root;
      for (let f = feature[node]!; f >= 0; f = feature[node]!) {
        const child = x[row + f]! > threshold[node]! ? left[node]! + 1 : left[node]!;
        contributions[row + f]! += (expected[node]! - expected[child]!) / roots.length;
        node = child;
      }
    }
  }
  return contributions;
}

/** The mean path of the training rows that came to each node. */
function expectedPaths({ feature, left, path }: Forest, maxSamples: number): Float64Array {
  const [depth, count, expected] = [
    new Int32Array(feature.length),
    new Float64Array(feature.length),
    new Float64Array(feature.length),
  ];
  for (let i = 0; i < feature.length; i++) if (feature[i]! >= 0) depth.fill(depth[i]! + 1, left[i], left[i]! + 2);
  // Children lie behind their parents.
  for (let i = feature.length - 1; i >= 0; i--) {
    if (feature[i]! < 0) {
      count[i] = leafSize(path[i]! - depth[i]!, maxSamples);
      expected[i] = path[i]!;
    } else {
      const [a, b] = [left[i]!, left[i]! + 1];
      count[i] = count[a]! + count[b]!;
      expected[i] = (count[a]! * expected[a]! + count[b]! * expected[b]!) / count[i]!;
    }
  }
  return expected;
}

/** The number of rows in a leaf, out of the steps that it would take to tell them apart. */
function leafSize(steps: number, maxSamples: number): number {
  let [low, high] = [1, maxSamples];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (averagePathLength(middle) < steps - 1e-6) low = middle + 1;
    else high = middle;
  }
  return low;
}
