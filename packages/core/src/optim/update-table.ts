import { keep, type Tensor } from '@tensorflow/tfjs-core';
import type { Heap } from '../backend/heap';

/** Words of a row: number of floats, then five tensors (`kernels/optimizers.ts`). */
const WORDS = 6;
/** Bytes of a row. */
export const ROW_BYTES = WORDS * 4;
/** Memory in which kernels work on the last floats of a tensor. */
const SPARE_BYTES = 112;

/** One tensor to write to and what goes into it: column 1, 2, and 3 to 5 of the table. */
export interface UpdateRow {
  target: Tensor;
  source: Tensor;
  state?: readonly (Tensor | undefined)[];
}

/**
 * Lends a table of addresses to kernels that update many tensors in one call.
 * The targets and states must have memory of their own: see `ownMemory`.
 */
export function withUpdateTable<T>(
  heap: Heap,
  rows: readonly UpdateRow[],
  use: (table: number, spare: number) => T,
): T {
  const bytes = (rows.length * ROW_BYTES + 15) & ~15;
  return heap.scratch(bytes + SPARE_BYTES, (table) => {
    const words = heap.words(table, rows.length * WORDS);
    let at = 0;
    for (const { target, source, state } of rows) {
      words[at] = target.size;
      words[at + 1] = heap.address(target);
      words[at + 2] = heap.address(source);
      for (let i = 0; i < 3; i++) {
        const tensor = state?.[i];
        words[at + 3 + i] = tensor === undefined ? 0 : heap.address(tensor);
      }
      at += WORDS;
    }
    return use(table, table + bytes);
  });
}

/**
 * A tensor that may be written to in place: this one, or a copy where clones or reshapes of it share its memory, which
 * must keep their values.
 */
export function ownMemory(heap: Heap, tensor: Tensor): Tensor {
  if (!heap.isShared(tensor)) return tensor;
  const copy = keep(heap.tensor(tensor.shape));
  heap.floats(heap.address(copy), tensor.size).set(heap.floats(heap.address(tensor), tensor.size));
  return copy;
}
