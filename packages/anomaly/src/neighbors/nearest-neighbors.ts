import { NumericsError } from '@dl/core';
import { columnMeans } from '../data/column-means';
import type { Matrix } from '../data/matrix';
import { withKernels } from '../memory/kernels';
import { type Distance, distanceOf, isPrecomputed, type MetricOptions } from './metric';

/** The nearest training rows of each query, nearest first; by index among equally near ones. */
export interface Neighbors {
  /** `[queries, k]` */
  readonly distances: Float64Array;
  /** `[queries, k]` */
  readonly indices: Int32Array;
}

/** Fewer queries than these are searched without kernels, which first have to be given the training rows. */
const FEW_QUERIES = 8;
/** Bytes of results that one call of the kernel may hold. */
const QUERIES_AT_ONCE = 16384;

/**
 * The k nearest training rows of each query, by a search of all pairs. Euclidean distances are those of float64
 * differences; where a product of matrices in float32 finds the candidates, a bound on its error proves them.
 *
 * @param training `[n, features]`; what `metric: 'precomputed'` needs of it is the number of rows
 * @param queries rows to look up, or `itself`: the training rows, none of which is its own neighbour
 * @param k at most n, or n - 1 for `itself`
 * @throws NumericsError where a distance function gives NaN
 */
export function nearestNeighbors(
  training: Matrix,
  queries: Matrix | 'itself',
  k: number,
  metric: MetricOptions,
): Neighbors {
  if (isPrecomputed(metric)) return fromDistances(queries === 'itself' ? training : queries, queries === 'itself', k);
  const distance = distanceOf(metric);
  const rows = queries === 'itself' ? training : queries;
  if (distance !== 'euclidean') return byComparison(training, rows, queries === 'itself', k, distance);
  return (rows.rows < FEW_QUERIES ? byDifferences : byKernel)(training, rows, queries === 'itself', k);
}

function byKernel(training: Matrix, queries: Matrix, inSample: boolean, k: number): Neighbors {
  const { rows: n, columns: d } = training;
  const kept = Math.min(n, k + Math.max(8, k >> 1));
  const distances = new Float64Array(queries.rows * k);
  const indices = new Int32Array(queries.rows * k);
  withKernels((kernels, lease) => {
    const y = lease.put(training.data);
    const center = lease.put(columnMeans(training));
    const packed = lease.bytes(kernels.packedTraining(n, d));
    const scratch = lease.bytes(Math.max(kernels.nearestScratch(d, kept), 512 * (d + 1) * 4));
    kernels.packTraining(n, d, y, center, packed, scratch);
    const most = Math.min(QUERIES_AT_ONCE, queries.rows);
    const x = inSample ? y : lease.bytes(most * d * 8);
    const toDistances = lease.bytes(most * k * 8);
    const toIndices = lease.bytes(most * k * 4);
    for (let at = 0; at < queries.rows; at += most) {
      const m = Math.min(most, queries.rows - at);
      if (!inSample) lease.write(x, queries.data.subarray(at * d, (at + m) * d));
      const from = inSample ? y + at * d * 8 : x;
      kernels.nearest(m, n, d, from, y, packed, center, inSample ? at : -1, k, kept, toDistances, toIndices, scratch);
      distances.set(lease.float64(toDistances, m * k), at * k);
      indices.set(lease.int32(toIndices, m * k), at * k);
    }
  });
  return { distances, indices };
}

function byComparison(training: Matrix, queries: Matrix, inSample: boolean, k: number, distance: Distance): Neighbors {
  const d = training.columns;
  const list = new SortedLists(queries.rows, k);
  const rows = Array.from({ length: training.rows }, (_, j) => training.data.subarray(j * d, (j + 1) * d));
  for (let i = 0; i < queries.rows; i++) {
    const query = queries.data.subarray(i * d, (i + 1) * d);
    for (let j = 0; j < rows.length; j++) if (!(inSample && j === i)) list.insert(i, distance(query, rows[j]!), j);
  }
  return list;
}

/** Euclidean distances, added up as the kernel does, so that both give the same bits; left off when they are too large. */
function byDifferences(training: Matrix, queries: Matrix, inSample: boolean, k: number): Neighbors {
  const { data, rows: n, columns: d } = training;
  const list = new SortedLists(queries.rows, k);
  for (let i = 0; i < queries.rows; i++) {
    const query = queries.data.subarray(i * d, (i + 1) * d);
    for (let j = 0, at = 0; j < n; j++, at += d) {
      if (inSample && j === i) continue;
      const limit = list.farthest(i);
      let [even, odd] = [0, 0];
      let f = 0;
      for (; f + 2 <= d && even + odd <= limit; f += 2) {
        const first = query[f]! - data[at + f]!;
        const second = query[f + 1]! - data[at + f + 1]!;
        even += first * first;
        odd += second * second;
      }
      if (f + 2 <= d) continue;
      if (f < d) even += (query[f]! - data[at + f]!) ** 2;
      list.insert(i, even + odd, j);
    }
  }
  for (let i = 0; i < list.distances.length; i++) list.distances[i] = Math.sqrt(list.distances[i]!);
  return list;
}

function fromDistances(table: Matrix, inSample: boolean, k: number): Neighbors {
  const list = new SortedLists(table.rows, k);
  for (let i = 0, at = 0; i < table.rows; i++) {
    for (let j = 0; j < table.columns; j++, at++) if (!(inSample && j === i)) list.insert(i, table.data[at]!, j);
  }
  return list;
}

/** For each query the k nearest so far. */
class SortedLists implements Neighbors {
  readonly distances: Float64Array;
  readonly indices: Int32Array;
  readonly #k: number;

  constructor(queries: number, k: number) {
    this.#k = k;
    this.distances = new Float64Array(queries * k).fill(Number.POSITIVE_INFINITY);
    this.indices = new Int32Array(queries * k).fill(2 ** 31 - 1);
  }

  /** The distance that a nearer row must not exceed. */
  farthest(query: number): number {
    return this.distances[(query + 1) * this.#k - 1]!;
  }

  insert(query: number, distance: number, index: number): void {
    const start = query * this.#k;
    const { distances, indices } = this;
    let at = start + this.#k - 1;
    if (!(distance < distances[at]! || (distance === distances[at] && index < indices[at]!))) {
      if (Number.isNaN(distance)) throw new NumericsError(`the distance to training row ${index} is NaN`);
      return;
    }
    for (; at > start; at--) {
      const before = distances[at - 1]!;
      if (before < distance || (before === distance && indices[at - 1]! < index)) break;
      distances[at] = before;
      indices[at] = indices[at - 1]!;
    }
    distances[at] = distance;
    indices[at] = index;
  }
}
