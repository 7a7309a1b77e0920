import type { Heap, Tensor } from '@dl/core/ops';
import type { CellWeights } from '../cells/cell';
import { kernels } from '../kernels';
import { valuesOf } from './packed';

/** A matrix in the heap: where it starts, and how many floats lie from one row to the next. */
export interface Matrix {
  address: number;
  stride: number;
}

/** Columns of a tensor [rows, columns], from `column` on. */
export function columnsOf(heap: Heap, tensor: Tensor, column = 0): Matrix {
  return { address: heap.address(tensor) + 4 * column, stride: tensor.shape[1]! };
}

/** The matrix from row `row` on. */
export function rowsFrom({ address, stride }: Matrix, row: number): Matrix {
  return { address: address + 4 * row * stride, stride };
}

/** c[m,n] (+)= op(a) op(b), plus a bias. */
export function product(
  heap: Heap,
  [m, n, k]: readonly [m: number, n: number, k: number],
  a: Matrix,
  b: Matrix,
  c: Matrix,
  {
    transA = false,
    transB = false,
    add = false,
    bias,
  }: { transA?: boolean; transB?: boolean; add?: boolean; bias?: Tensor | undefined },
): void {
  const { gemm, gemmScratch } = kernels.on(heap);
  heap.scratch(gemmScratch(m, n, k), (scratch) =>
    gemm(
      transA ? 1 : 0,
      transB ? 1 : 0,
      m,
      n,
      k,
      a.address,
      a.stride,
      b.address,
      b.stride,
      c.address,
      c.stride,
      add ? 1 : 0,
      bias ? heap.address(bias) : 0,
      0,
      0,
      scratch,
    ),
  );
}

/** sums[:, 0..] = x W^T + bias: what the inputs contribute to the sums of their steps. */
export function project(heap: Heap, x: Tensor, weight: Tensor, bias: Tensor | undefined, sums: Tensor): void {
  const [n, k] = weight.shape as [number, number];
  product(heap, [x.shape[0], n, k], columnsOf(heap, x), columnsOf(heap, weight), columnsOf(heap, sums), {
    transB: true,
    bias,
  });
}

/** The sum over all rows. */
export function columnSums(heap: Heap, matrix: Tensor): Float32Array {
  const [rows, columns] = matrix.shape as [number, number];
  return heap.scratch(12 * Math.max(256, columns), (sums) => {
    kernels.on(heap).reduceSum(heap.address(matrix), sums, 1, rows, columns, sums + 4 * Math.max(256, columns), 1);
    return heap.floats(sums, columns).slice();
  });
}

/** The two biases as one, where both simply are added; undefined where there are none. */
export function biasSum(heap: Heap, { biasIh, biasHh }: CellWeights): Tensor | undefined {
  if (biasIh === undefined || biasHh === undefined) return biasIh ?? biasHh;
  const bias = heap.tensor(biasIh.shape);
  const [to, a, b] = [valuesOf(heap, bias), valuesOf(heap, biasIh), valuesOf(heap, biasHh)];
  for (let i = 0; i < to.length; i++) to[i] = a[i]! + b[i]!;
  return bias;
}
