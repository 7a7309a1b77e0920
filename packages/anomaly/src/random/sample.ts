import type { Key } from '@dl/core';

/**
 * `count` different numbers from 0 to n - 1, every choice equally likely, in random order.
 *
 * @param count at most n
 */
export function sampleWithoutReplacement(n: number, count: number, key: Key): Uint32Array {
  if (2 * count > n) return key.permutation(n).subarray(0, count);
  const taken = new Set<number>();
  for (let block = 0; taken.size < count; block++) {
    for (const i of key.fold(block).integers(2 * count, 0, n)) {
      if (taken.size === count) break;
      taken.add(i);
    }
  }
  return Uint32Array.from(taken);
}
