import { NumericsError } from '@dl/core';
import type { Matrix } from '../data/matrix';
import type { Complete } from '../detector/ranges';
import type { Kernels } from '../kernels.generated';
import type { Lease } from '../memory/lease';
import { type KernelOptions, ofDot } from './kernel-function';

/** Rows of the kernel matrix K of the training rows, in float32 as in libsvm, of which the last used are kept. */
export interface KernelRows {
  /** K[i, all]; valid until the next two are asked for. */
  row(i: number): Float32Array;
  /** K[i, i] */
  readonly diagonal: Float64Array;
}

/**
 * Computes rows of a kernel matrix when they are asked for.
 *
 * @param cacheBytes memory for rows; two are kept at least
 */
export function kernelRows(
  rows: Matrix,
  options: Complete<KernelOptions>,
  gamma: number,
  cacheBytes: number,
  kernels: Kernels,
  lease: Lease,
): KernelRows {
  const n = rows.rows;
  const bytes = 4 * ((n + 3) & ~3);
  const most = Math.max(3, Math.floor(cacheBytes / bytes));
  const kept = new Map<number, number>(); // address of row i, the one used longest ago first
  const fill = filler(rows, options, gamma, kernels, lease);
  return {
    diagonal: diagonalOf(rows, options, gamma),
    row(i) {
      let address = kept.get(i);
      if (address === undefined) {
        if (kept.size < most) {
          address = lease.bytes(bytes);
        } else {
          const [oldest, place] = kept.entries().next().value!;
          kept.delete(oldest);
          address = place;
        }
        fill(i, address);
      } else {
        kept.delete(i);
      }
      kept.set(i, address);
      return lease.view(address, n);
    },
  };
}

/** Computes row i of K into memory. */
function filler(
  rows: Matrix,
  options: Complete<KernelOptions>,
  gamma: number,
  kernels: Kernels,
  lease: Lease,
): (i: number, address: number) => void {
  const { data, rows: n, columns: d } = rows;
  const { kernel } = options;
  if (kernel === 'precomputed') {
    return (i, address) => lease.write(address, Float32Array.from(data.subarray(i * n, (i + 1) * n)));
  }
  if (typeof kernel === 'function') {
    const list = Array.from({ length: n }, (_, j) => data.subarray(j * d, (j + 1) * d));
    return (i, address) =>
      lease.write(
        address,
        Float32Array.from(list, (row, j) => finite(kernel(list[i]!, row), i, j)),
      );
  }
  const x = lease.put(data);
  const packed = lease.bytes(kernels.panelBytes(n, d));
  kernels.packRows(n, d, x, packed);
  if (kernel === 'rbf') {
    const norms = lease.bytes(8 * (n + 4));
    kernels.squaredNorms(n, d, x, norms);
    const own = lease.float64(norms, n);
    return (i, address) => kernels.rbfRow(n, d, x + i * d * 8, own[i]!, packed, norms, gamma, address);
  }
  const f = ofDot(options, gamma)!;
  return (i, address) => {
    kernels.dotRow(n, d, x + i * d * 8, packed, address);
    if (kernel === 'linear') return;
    const row = lease.view(address, n);
    for (let j = 0; j < n; j++) row[j] = f(row[j]!);
  };
}

function diagonalOf(
  { data, rows: n, columns: d }: Matrix,
  options: Complete<KernelOptions>,
  gamma: number,
): Float64Array {
  const { kernel } = options;
  const diagonal = new Float64Array(n).fill(1);
  if (kernel === 'rbf') return diagonal;
  const f = ofDot(options, gamma);
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * d, (i + 1) * d);
    if (kernel === 'precomputed') diagonal[i] = row[i]!;
    else if (typeof kernel === 'function') diagonal[i] = kernel(row, row);
    else diagonal[i] = f!(row.reduce((sum, value) => sum + value * value, 0));
  }
  return diagonal;
}

/** A value of a kernel function that is a number. */
export function finite(value: number, i: number, j: number): number {
  if (Number.isFinite(value)) return value;
  throw new NumericsError(`the kernel function gives ${value} for rows ${i} and ${j}`);
}
