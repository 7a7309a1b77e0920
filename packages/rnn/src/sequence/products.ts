import type { Heap, Tensor } from '@dl/core/ops';
import type { CellWeights } from '../cells/cell';
import { kernels } from '../kernels';
import type { SequenceInputs } from './composed';
import { pack, unpack, withTables } from './packed';
import type { Plan } from './plan';

/** A matrix inside a larger one: `columns` of its columns from `from` on. */
export interface Columns {
  matrix: Tensor;
  from: number;
  columns: number;
}

/** sums[:, 0..] = x W^T + bias for `count` rows from `from` on: what the inputs contribute to the sums of their steps. */
export function project(
  heap: Heap,
  x: Tensor,
  from: number,
  count: number,
  weight: Tensor,
  bias: Tensor | undefined,
  sums: number,
  width: number,
): void {
  const { gemm, gemmScratch } = kernels.on(heap);
  const [n, k] = weight.shape as [number, number];
  heap.scratch(gemmScratch(count, n, k), (scratch) =>
    gemm(
      0,
      1,
      count,
      n,
      k,
      heap.address(x) + 4 * from * k,
      k,
      heap.address(weight),
      k,
      sums,
      width,
      0,
      bias ? heap.address(bias) : 0,
      0,
      0,
      scratch,
    ),
  );
}

/** Rows of a matrix: `count` of them from `from` on. */
interface Rows {
  from: number;
  count: number;
}

/** dW[rows from `row` on] (+)= a^T b over packed rows. */
export function weightGradient(
  heap: Heap,
  a: Columns,
  b: Tensor,
  weight: Tensor,
  row: number,
  { a: aRows, b: bRows, accumulate }: { a: Rows; b: Rows; accumulate: boolean } = allRows(b),
): void {
  const { gemm, gemmScratch } = kernels.on(heap);
  const [m, n, k] = [a.columns, b.shape[1]!, aRows.count];
  const lda = a.matrix.shape[1]!;
  heap.scratch(gemmScratch(m, n, k), (scratch) =>
    gemm(
      1,
      0,
      m,
      n,
      k,
      heap.address(a.matrix) + 4 * (aRows.from * lda + a.from),
      lda,
      heap.address(b) + 4 * bRows.from * n,
      n,
      heap.address(weight) + 4 * row * n,
      n,
      accumulate ? 1 : 0,
      0,
      0,
      0,
      scratch,
    ),
  );
}

function allRows(b: Tensor) {
  const rows = { from: 0, count: b.shape[0] };
  return { a: rows, b: rows, accumulate: false };
}

/** dx (+)= a W[rows from `row` on]. */
export function inputGradient(
  heap: Heap,
  a: Columns,
  weight: Tensor,
  row: number,
  dx: Tensor,
  accumulate: boolean,
): void {
  const { gemm, gemmScratch } = kernels.on(heap);
  const [m, n, k] = [dx.shape[0], dx.shape[1]!, a.columns];
  heap.scratch(gemmScratch(m, n, k), (scratch) =>
    gemm(
      0,
      0,
      m,
      n,
      k,
      heap.address(a.matrix) + 4 * a.from,
      a.matrix.shape[1]!,
      heap.address(weight) + 4 * row * n,
      n,
      heap.address(dx),
      n,
      accumulate ? 1 : 0,
      0,
      0,
      0,
      scratch,
    ),
  );
}

/** The sum over all rows. */
export function columnSums(heap: Heap, matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  const sums = heap.tensor([columns]);
  heap.scratch(8 * Math.max(256, columns), (scratch) =>
    kernels.on(heap).reduceSum(heap.address(matrix), heap.address(sums), 1, rows, columns, scratch, 1),
  );
  return sums;
}

/** The two biases as one, where both simply are added; undefined where there are none. */
export function biasSum(heap: Heap, { biasIh, biasHh }: CellWeights): Tensor | undefined {
  if (biasIh === undefined || biasHh === undefined) return biasIh ?? biasHh;
  const bias = heap.tensor(biasIh.shape);
  const [to, a, b] = [bias, biasIh, biasHh].map((t) => heap.floats(heap.address(t), t.size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let i = 0; i < to.length; i++) to[i] = a[i]! + b[i]!;
  return bias;
}

/** dU = a^T (the hidden states that each packed row started from): the gradient of the recurrent weight. */
export function recurrentGradient(
  heap: Heap,
  plan: Plan,
  a: Columns,
  first: Tensor,
  hiddens: Tensor,
  weight: Tensor,
): Tensor {
  const dU = heap.tensor(weight.shape);
  if (plan.real === undefined) {
    // Without padding these are the first states, and all hidden states but the last: nothing has to be moved.
    const later = plan.rows - plan.batch;
    const start = { from: 0, count: plan.batch };
    weightGradient(heap, a, first, dU, 0, { a: start, b: start, accumulate: plan.rows === 0 });
    if (later > 0) {
      const [rest, before] = [
        { from: plan.batch, count: later },
        { from: 0, count: later },
      ];
      weightGradient(heap, a, hiddens, dU, 0, { a: rest, b: before, accumulate: true });
    }
    return dU;
  }
  const before = heap.tensor(hiddens.shape);
  withTables(heap, plan, ({ sizes }) =>
    kernels
      .on(heap)
      .previousRows(
        plan.steps,
        sizes,
        heap.address(first),
        heap.address(hiddens),
        hiddens.shape[1]!,
        heap.address(before),
      ),
  );
  weightGradient(heap, a, before, dU, 0);
  before.dispose();
  return dU;
}

/**
 * The gradients of the inputs and weights of a sequence from those of the sums, where the sums are x W^T + h U^T + b: of
 * the plain network and of the LSTM.
 *
 * @param dSums [rows, gates * hidden] packed
 */
export function gradientsOfSums(
  heap: Heap,
  { x, weightIh, weightHh }: SequenceInputs,
  plan: Plan,
  dSums: Tensor,
  firstH: Tensor,
  hiddens: Tensor,
) {
  const all = { matrix: dSums, from: 0, columns: dSums.shape[1]! };
  const bias = () => columnSums(heap, dSums);
  return {
    x: () =>
      withTables(heap, plan, ({ index }) => {
        const packed = heap.tensor([plan.rows, weightIh.shape[1]!]);
        inputGradient(heap, all, weightIh, 0, packed, false);
        const dx = unpack(heap, packed, plan, index, x.shape[1]!);
        packed.dispose();
        return dx;
      }),
    weightIh: () =>
      withTables(heap, plan, ({ index }) => {
        const dW = heap.tensor(weightIh.shape);
        const packed = pack(heap, x, plan, index);
        weightGradient(heap, all, packed, dW, 0);
        packed.dispose();
        return dW;
      }),
    weightHh: () => recurrentGradient(heap, plan, all, firstH, hiddens, weightHh),
    biasIh: bias,
    biasHh: bias,
  };
}
