import type { Heap } from './heap';
import { kernels } from './kernels';
import { collapse, type LoopNest, withLoopTable } from './loop-nest';

/**
 * Copies elements from the address x to the address y along two sets of strides, in elements: slices, repetitions,
 * reversals and concatenations are all of this kind. The two must not overlap.
 */
export function copyElements(heap: Heap, x: number, y: number, bytes: number, loops: LoopNest): void {
  if (loops.sizes.includes(0)) return;
  const { sizes, strides } = collapse(loops);
  const [from, to] = strides as [number[], number[]];
  let rowBytes = bytes;
  if (from.at(-1) === 1 && to.at(-1) === 1) {
    rowBytes *= sizes.pop()!;
    from.pop();
    to.pop();
  }
  withLoopTable(heap, { sizes, strides }, bytes, (table) => {
    kernels.on(heap).copyRows(x, y, table, sizes.length, rowBytes);
  });
}
