import { copyRow } from './movement';

/** The position of the first of n indices outside 0..limit-1, or -1. */
export function firstOutside(indices: usize, n: i32, limit: i32): i32 {
  for (let k = 0; k < n; k++) {
    if (<u32>load<i32>(indices + (<usize>k << 2)) >= <u32>limit) return k;
  }
  return -1;
}

/**
 * y[b, o, k, :] = x[b, o, indices[b, k], :] with x [batch, outer, size, bytes] and indices [batch, count], all in range.
 */
export function gatherRows(
  x: usize,
  indices: usize,
  y: usize,
  batch: i32,
  outer: i32,
  size: i32,
  count: i32,
  bytes: i32,
): void {
  const plane = <usize>size * <usize>bytes;
  const end = indices + (<usize>count << 2);
  for (let b = 0; b < batch; b++) {
    const first = indices + <usize>b * (<usize>count << 2);
    const last = end + <usize>b * (<usize>count << 2);
    for (let o = 0; o < outer; o++, x += plane) {
      if (bytes == 4) {
        for (let at = first; at < last; at += 4, y += 4) store<i32>(y, load<i32>(x + (load<usize>(at) << 2)));
      } else {
        for (let at = first; at < last; at += 4, y += bytes) copyRow(x + load<usize>(at) * <usize>bytes, y, bytes);
      }
    }
  }
}

/** y[s, :] = sum of x[r, :] over the rows r whose id is s; ids outside 0..segments-1 are left out. */
export function segmentSum(x: usize, ids: usize, y: usize, rows: i32, width: i32, segments: i32): void {
  const bytes = <usize>width << 2;
  memory.fill(y, 0, <usize>segments * bytes);
  for (let r = 0; r < rows; r++, x += bytes) {
    const id = <u32>load<i32>(ids + (<usize>r << 2));
    if (id >= <u32>segments) continue;
    const to = y + <usize>id * bytes;
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(x + k)));
    for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + load<f32>(x + k));
  }
}

/** The same for 32-bit integers. */
export function segmentSumInt(x: usize, ids: usize, y: usize, rows: i32, width: i32, segments: i32): void {
  const bytes = <usize>width << 2;
  memory.fill(y, 0, <usize>segments * bytes);
  for (let r = 0; r < rows; r++, x += bytes) {
    const id = <u32>load<i32>(ids + (<usize>r << 2));
    if (id >= <u32>segments) continue;
    const to = y + <usize>id * bytes;
    for (let k: usize = 0; k < bytes; k += 4) store<i32>(to + k, load<i32>(to + k) + load<i32>(x + k));
  }
}
