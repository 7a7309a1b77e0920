import type { Key } from '@dl/core';
import { columnMeans } from '../data/column-means';
import type { Matrix } from '../data/matrix';
import type { Kernels } from '../kernels.generated';
import { withKernels } from '../memory/kernels';
import type { Lease } from '../memory/lease';

/** Rows in groups. */
export interface Clusters {
  /** `[k, features]` */
  centers: Float64Array;
  /** The centre nearest to each row, `[rows]`. */
  labels: Int32Array;
  /** Sum of the squared distances to them. */
  inertia: number;
  iterations: number;
}

/** How to look for them. */
export interface KMeansOptions {
  /** Steps at most. @default 300 */
  maxIter?: number;
  /** Stops where the centres move by less than this share of the mean variance, all squares together. @default 1e-4 */
  tol?: number;
}

/**
 * Lloyd's k-means from a greedy k-means++ start. scikit-learn's `KMeans` with `n_init=1`.
 *
 * @param k at most the number of rows
 */
export function kMeans(rows: Matrix, k: number, key: Key, { maxIter = 300, tol = 1e-4 }: KMeansOptions = {}): Clusters {
  const { rows: n, columns: d } = rows;
  const means = columnMeans(rows);
  // Seen from their mean, so that data far from 0 keep their digits.
  const data = new Float64Array(n * d);
  let squares = 0;
  for (let i = 0, at = 0; i < n; i++) {
    for (let f = 0; f < d; f++, at++) {
      const value = rows.data[at]! - means[f]!;
      data[at] = value;
      squares += value * value;
    }
  }
  const centred = { ...rows, data };
  const centers = plusPlus(centred, k, key);
  const labels = new Int32Array(n).fill(-1);
  const limit = (tol * squares) / data.length;
  let iterations = 0;
  withKernels((kernels, lease) => {
    const assign = assigning(centred, k, kernels, lease);
    for (; iterations < maxIter; iterations++) {
      const changed = assign(centers, labels);
      const moved = moveCenters(centred, centers, labels);
      if (!changed || moved <= limit) break;
    }
    assign(centers, labels);
  });
  const inertia = distancesTo(centred, centers, labels).reduce((sum, distance) => sum + distance, 0);
  return { centers: centers.map((value, i) => value + means[i % d]!), labels, inertia, iterations };
}

/** Moves each centre to the mean of its rows; gives the sum of the squared distances they moved by. */
function moveCenters(rows: Matrix, centers: Float64Array, labels: Int32Array): number {
  const { data, rows: n, columns: d } = rows;
  const k = centers.length / d;
  const sums = new Float64Array(k * d);
  const counts = new Int32Array(k);
  for (let i = 0; i < n; i++) {
    const c = labels[i]!;
    counts[c]!++;
    for (let f = 0; f < d; f++) sums[c * d + f]! += data[i * d + f]!;
  }
  let moved = 0;
  const distances = counts.includes(0) ? distancesTo(rows, centers, labels) : undefined;
  for (let c = 0; c < k; c++) {
    // An empty group begins anew at the row that lies farthest from its centre.
    const alone = distances && counts[c] === 0 ? farthest(distances) : -1;
    for (let f = 0; f < d; f++) {
      const next = alone >= 0 ? data[alone * d + f]! : sums[c * d + f]! / counts[c]!;
      moved += (next - centers[c * d + f]!) ** 2;
      centers[c * d + f] = next;
    }
    if (distances && alone >= 0) distances[alone] = 0;
  }
  return moved;
}

/** Rows that are compared with the centres at a time. */
const BLOCK = 2048;

/**
 * Gives a function that writes the nearest of `k` centres of each row into `labels` and tells whether one has changed:
 * |x - c|^2 = |x|^2 - 2 x.c + |c|^2, of which |x|^2 is the same for all. What this form rounds away decides between centres
 * only where a row lies between them.
 */
function assigning({ data, rows: n, columns: d }: Matrix, k: number, kernels: Kernels, lease: Lease) {
  const x = lease.put(data);
  const block = Math.min(n, BLOCK);
  const [c, packed] = [lease.bytes(8 * k * d), lease.bytes(kernels.panelBytes(k, d))];
  const [products, scratch] = [lease.bytes(8 * block * k), lease.bytes(128)];
  return (centers: Float64Array, labels: Int32Array): boolean => {
    const lengths = Float64Array.from({ length: k }, (_, at) => squaredLength(centers, at * d, d));
    lease.write(c, centers);
    kernels.packRows(k, d, c, packed);
    let changed = false;
    for (let from = 0; from < n; from += block) {
      const count = Math.min(block, n - from);
      kernels.products(count, k, d, x + 8 * from * d, packed, products, scratch);
      const dots = lease.float64(products, count * k);
      for (let i = 0; i < count; i++) {
        let [nearest, least] = [0, Number.POSITIVE_INFINITY];
        for (let at = 0; at < k; at++) {
          const distance = lengths[at]! - 2 * dots[i * k + at]!;
          if (distance < least) [nearest, least] = [at, distance];
        }
        if (labels[from + i] !== nearest) changed = true;
        labels[from + i] = nearest;
      }
    }
    return changed;
  };
}

/** Squared distances of the rows to the centres they belong to. */
function distancesTo({ data, rows: n, columns: d }: Matrix, centers: Float64Array, labels: Int32Array): Float64Array {
  return Float64Array.from({ length: n }, (_, i) =>
    squared(data, i * d, centers, labels[i]! * d, d, Number.POSITIVE_INFINITY),
  );
}

function squaredLength(a: Float64Array, at: number, d: number): number {
  let sum = 0;
  for (let f = 0; f < d; f++) sum += a[at + f]! ** 2;
  return sum;
}

/** The squared distance, or something above `limit` as soon as it is beyond that. */
function squared(a: Float64Array, at: number, b: Float64Array, from: number, d: number, limit: number): number {
  let sum = 0;
  let f = 0;
  // By fours: the limit is looked at less often, and the sums of two do not wait for each other.
  for (; f + 4 <= d && sum < limit; f += 4) {
    const x0 = a[at + f]! - b[from + f]!;
    const x1 = a[at + f + 1]! - b[from + f + 1]!;
    const x2 = a[at + f + 2]! - b[from + f + 2]!;
    const x3 = a[at + f + 3]! - b[from + f + 3]!;
    sum += x0 * x0 + x1 * x1 + (x2 * x2 + x3 * x3);
  }
  for (; f < d && sum < limit; f++) sum += (a[at + f]! - b[from + f]!) ** 2;
  return sum;
}

/** Each next centre is the best of a few rows, drawn by their squared distance to the centres so far. */
function plusPlus(rows: Matrix, k: number, key: Key): Float64Array {
  const { rows: n, columns: d, data } = rows;
  const trials = 2 + Math.floor(Math.log(k));
  const centers = new Float64Array(k * d);
  const [first, rest] = key.split();
  const start = first.integers(1, 0, n)[0]!;
  centers.set(data.subarray(start * d, (start + 1) * d));
  let nearest: Float64Array = Float64Array.from({ length: n }, (_, i) =>
    squared(data, i * d, centers, 0, d, Number.POSITIVE_INFINITY),
  );
  for (let c = 1; c < k; c++) {
    const total = nearest.reduce((sum, distance) => sum + distance, 0);
    const drawn = total > 0 ? rest.fold(c).categorical(nearest, trials) : rest.fold(c).integers(trials, 0, n); // all rows are centres
    let best: { potential: number; distances: Float64Array; row: number } | undefined;
    for (const row of drawn) {
      const distances = nearest.slice();
      let potential = 0;
      for (let i = 0; i < n; i++) {
        distances[i] = Math.min(distances[i]!, squared(data, i * d, data, row * d, d, distances[i]!));
        potential += distances[i]!;
      }
      if (best === undefined || potential < best.potential) best = { potential, distances, row };
    }
    nearest = best!.distances;
    centers.set(data.subarray(best!.row * d, (best!.row + 1) * d), c * d);
  }
  return centers;
}

function farthest(distances: Float64Array): number {
  let at = 0;
  for (let i = 1; i < distances.length; i++) if (distances[i]! > distances[at]!) at = i;
  return at;
}
