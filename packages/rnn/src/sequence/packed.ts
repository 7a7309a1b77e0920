import type { Heap, Tensor } from '@dl/core/ops';
import { kernels } from '../kernels';
import type { Plan } from './plan';

/** Lends the tables of a plan as addresses in the heap. */
export function withTables<T>(heap: Heap, plan: Plan, use: (tables: { sizes: number; index: number }) => T): T {
  return heap.scratch(4 * (plan.steps + plan.rows), (sizes) => {
    const index = sizes + 4 * plan.steps;
    heap.words(sizes, plan.steps).set(plan.sizes);
    heap.words(index, plan.rows).set(plan.index);
    return use({ sizes, index });
  });
}

/** The rows of x [batch, time, width] that are no padding, packed: [rows, width]. */
export function pack(heap: Heap, x: Tensor, plan: Plan, index: number): Tensor {
  const width = x.shape[2]!;
  const packed = heap.tensor([plan.rows, width]);
  kernels.on(heap).packRows(heap.address(x), width, index, plan.rows, width, heap.address(packed));
  return packed;
}

/** [batch, time, width] with the packed rows in their places and zeros elsewhere. */
export function unpack(heap: Heap, packed: Tensor, plan: Plan, index: number, time: number): Tensor {
  const width = packed.shape[1]!;
  const x = heap.tensor([plan.batch, time, width]);
  if (plan.rows < plan.batch * time) heap.floats(heap.address(x), x.size).fill(0);
  kernels.on(heap).unpackRows(heap.address(packed), index, plan.rows, width, heap.address(x), width, 0);
  return x;
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

/** The state after the last step of each sequence, in the order of the batch; of an empty sequence its first state. */
export function lastStates(heap: Heap, packed: Tensor, first: Tensor, plan: Plan): Tensor {
  const width = first.shape[1]!;
  const state = heap.tensor([plan.batch, width]);
  const [to, rows, before] = [valuesOf(heap, state), valuesOf(heap, packed), valuesOf(heap, first)];
  for (const [i, b] of plan.order.entries()) {
    const row = plan.last[i]!;
    const from = row < 0 ? before.subarray(i * width, (i + 1) * width) : rows.subarray(row * width, (row + 1) * width);
    to.set(from, b * width);
  }
  return state;
}

/** Values of a tensor in the heap; good until something is allocated. */
function valuesOf(heap: Heap, tensor: Tensor): Float32Array {
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
