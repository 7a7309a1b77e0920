import type { Heap } from './heap';

/** Nested loops over several arrays at once: a size and, for each array, a stride. */
export interface LoopNest {
  sizes: number[];
  /** By array, then by dimension. */
  strides: number[][];
}

/**
 * The same loops with as few dimensions as possible: those of size 1 go, and two that all the arrays walk through as one
 * become one. Strides may be 0 (which repeats) or negative.
 */
export function collapse({ sizes, strides }: LoopNest): LoopNest {
  const outSizes: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  for (const [d, size] of sizes.entries()) {
    if (size === 1) continue;
    const last = outSizes.length - 1;
    if (last >= 0 && strides.every((s, a) => outStrides[a]![last] === s[d]! * size)) {
      outSizes[last]! *= size;
      for (const [a, s] of strides.entries()) outStrides[a]![last] = s[d]!;
    } else {
      outSizes.push(size);
      for (const [a, s] of strides.entries()) outStrides[a]!.push(s[d]!);
    }
  }
  return { sizes: outSizes, strides: outStrides };
}

/** Lends the loops to a kernel as a table of words: for each dimension its size and its strides, in bytes. */
export function withLoopTable<T>(
  heap: Heap,
  { sizes, strides }: LoopNest,
  bytes: number,
  use: (table: number) => T,
): T {
  const row = 1 + strides.length;
  return heap.scratch(4 * Math.max(1, sizes.length * row), (table) => {
    const words = heap.words(table, sizes.length * row);
    for (const [d, size] of sizes.entries()) {
      words[d * row] = size;
      for (const [a, s] of strides.entries()) words[d * row + 1 + a] = s[d]! * bytes;
    }
    return use(table);
  });
}
