import type { Matrix } from '../data/matrix';
import { withKernels } from '../memory/kernels';
import { cholesky, invertLower } from './cholesky';
import { symmetricEigen } from './symmetric-eigen';

/** W with W' W the inverse (or pseudo-inverse) of a covariance: |W (x - mean)|^2 is the squared Mahalanobis distance. */
export interface Whitening {
  /** `[rows, n]` */
  matrix: Float64Array;
  rows: number;
  /** Whether it is lower triangular, and square. */
  triangular: boolean;
}

/** Eigenvalues below this share of the largest are none: scipy's `pinvh`. */
const rankTolerance = (n: number) => n * Number.EPSILON;

/** The whitening of a covariance `[n, n]`; of a singular one, in the directions in which it is not. */
export function whiteningOf(covariance: Float64Array, n: number): Whitening {
  const l = cholesky(covariance, n);
  if (l !== undefined) return { matrix: invertLower(l, n), rows: n, triangular: true };
  const { values, vectors } = symmetricEigen(covariance, n);
  const least = rankTolerance(n) * Math.max(0, values[0]!);
  const rank = values.filter((value) => value > least).length;
  const matrix = vectors.slice(0, rank * n);
  for (let i = 0; i < rank; i++) {
    const scale = 1 / Math.sqrt(values[i]!);
    for (let f = 0; f < n; f++) matrix[i * n + f]! *= scale;
  }
  return { matrix, rows: rank, triangular: false };
}

/** The same, save that rows outside the directions of a singular covariance are as good as infinitely far. */
export function flatWhiteningOf(covariance: Float64Array, n: number): Whitening {
  const l = cholesky(covariance, n);
  if (l !== undefined) return { matrix: invertLower(l, n), rows: n, triangular: true };
  const { values, vectors } = symmetricEigen(covariance, n);
  const least = Math.max(rankTolerance(n) * values[0]!, Number.MIN_VALUE * 2 ** 100);
  for (let i = 0; i < n; i++) {
    const scale = 1 / Math.sqrt(Math.max(values[i]!, least));
    for (let f = 0; f < n; f++) vectors[i * n + f]! *= scale;
  }
  return { matrix: vectors, rows: n, triangular: false };
}

/** The inverse or pseudo-inverse of the covariance: W' W. */
export function precisionOf({ matrix, rows }: Whitening, n: number): Float64Array {
  const precision = new Float64Array(n * n);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < n; i++) {
      const value = matrix[r * n + i]!;
      if (value !== 0) for (let j = 0; j < n; j++) precision[i * n + j]! += value * matrix[r * n + j]!;
    }
  }
  return precision;
}

/** |W (x - center)|^2 of each row. */
export function squaredDistances(
  rows: Matrix,
  center: Float64Array,
  { matrix, rows: p, triangular }: Whitening,
): Float64Array {
  const { rows: m, columns: d } = rows;
  return withKernels((kernels, lease) => {
    const packed = lease.bytes(kernels.panelBytes(p, d));
    kernels.packRows(p, d, lease.put(matrix), packed);
    const out = lease.bytes(8 * m);
    const scratch = lease.bytes(kernels.squaredLengthsScratch(d));
    kernels.squaredLengths(m, d, p, lease.put(rows.data), lease.put(center), packed, triangular ? 1 : 0, out, scratch);
    return lease.float64(out, m);
  });
}
