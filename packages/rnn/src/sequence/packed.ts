import type { Heap, Tensor } from '@dl/core/ops';
import { kernels } from '../kernels';
import type { Chunk } from './chunks';
import type { Plan } from './plan';

/** The tables of a plan in the heap: [steps] sizes, then [rows] places. */
export function tablesOf(heap: Heap, { steps, rows, sizes, index }: Plan): Tensor {
  const tables = heap.tensor([steps + rows], 'int32');
  const words = heap.words(heap.address(tables), steps + rows);
  words.set(sizes);
  words.set(index, steps);
  return tables;
}

/** Addresses of the part of the tables that belongs to a chunk. */
export function tablesAt(heap: Heap, tables: Tensor, { steps }: Plan, { step, row }: Chunk) {
  const start = heap.address(tables);
  return { sizes: start + 4 * step, index: start + 4 * (steps + row) };
}

/** Rows of x [batch, time, width] by their places, packed: [rows, width]. */
export function pack(heap: Heap, x: Tensor, index: number, rows: number): Tensor {
  const width = x.shape[2]!;
  const packed = heap.tensor([rows, width]);
  kernels.on(heap).packRows(heap.address(x), width, index, rows, width, heap.address(packed));
  return packed;
}

/** [batch, time, width] for rows to be put into; zeros where the plan has padding. */
export function unpacked(heap: Heap, plan: Plan, time: number, width: number): Tensor {
  const x = heap.tensor([plan.batch, time, width]);
  if (plan.rows < plan.batch * time) valuesOf(heap, x).fill(0);
  return x;
}

/** Puts packed rows into their places in x [batch, time, width]. */
export function unpack(heap: Heap, packed: Tensor, index: number, rows: number, x: Tensor): void {
  const width = x.shape[2]!;
  kernels.on(heap).unpackRows(heap.address(packed), index, rows, width, heap.address(x), width);
}

/** A state [batch, width] in the order of falling length; zeros where there is none. */
export function orderState(heap: Heap, state: Tensor | undefined, plan: Plan, width: number): Tensor {
  const ordered = heap.tensor([plan.batch, width]);
  const to = valuesOf(heap, ordered);
  if (state === undefined) to.fill(0);
  else copyRows(valuesOf(heap, state), plan.order, to, undefined, width);
  return ordered;
}

/** A state in the order of falling length put back into the order of the batch. */
export function restoreState(heap: Heap, ordered: Tensor, plan: Plan): Tensor {
  const state = heap.tensor(ordered.shape);
  copyRows(valuesOf(heap, ordered), undefined, valuesOf(heap, state), plan.order, ordered.shape[1]!);
  return state;
}

/** Values of a tensor in the heap; good until something is allocated. */
export function valuesOf(heap: Heap, tensor: Tensor): Float32Array {
  return heap.floats(heap.address(tensor), tensor.size);
}

/** to[toRows[i]] = from[fromRows[i]]; i itself where no rows are named. */
function copyRows(
  from: Float32Array,
  fromRows: Int32Array | undefined,
  to: Float32Array,
  toRows: Int32Array | undefined,
  width: number,
): void {
  const count = (fromRows ?? toRows)!.length;
  for (let i = 0; i < count; i++) {
    const [source, target] = [(fromRows?.[i] ?? i) * width, (toRows?.[i] ?? i) * width];
    to.set(from.subarray(source, source + width), target);
  }
}
