import { fillRow, roomOf, rowSum, softmaxRow } from './softmax-row';

/**
 * y = softmax of scores [batch, queries, keys] over the keys whose mask is not 0; 0 elsewhere, and in rows without any.
 * The mask is [batch, 1, keys] or [batch, queries, keys], with the floats from one query to the next in `maskQuery`; or 0.
 */
export function maskedSoftmax(
  batch: i32, queries: i32, keys: i32, scores: usize, mask: usize, maskQuery: i32, y: usize, scratch: usize,
): void {
  const row = <usize>keys << 2;
  for (let b = 0; b < batch; b++) {
    const maskOfBatch = mask + <usize>b * (maskQuery ? <usize>queries * row : row);
    for (let i = 0; i < queries; i++) {
      memory.copy(scratch, scores, row);
      if (mask) hide(scratch, keys, maskOfBatch + ((<usize>i * <usize>maskQuery) << 2));
      softmaxRow(scratch, keys);
      scale(scratch, roomOf(keys), 1 / rowSum);
      memory.copy(y, scratch, row);
      scores += row;
      y += row;
    }
  }
}

/** s = -Infinity where the mask is 0. */
export function hide(s: usize, n: i32, mask: usize): void {
  for (let j = 0; j < n; j++) {
    if (load<f32>(mask + (<usize>j << 2)) == 0) fillRow(s, j, j + 1, -Infinity);
  }
}

/** x *= factor; n is a multiple of four. */
// @ts-ignore: decorator
@inline
export function scale(x: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n > 0; n -= 4, x += 16) v128.store(x, f32x4.mul(v128.load(x), f));
}
