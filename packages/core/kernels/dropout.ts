import { loadTail, storeTail } from './simd';
import { bitsHigh, bitsLow, threefry4 } from './threefry';

/**
 * y[i] = x[i] scale where word i of the stream of the key is at least `threshold` (unsigned), else 0. The words are those
 * of `threefryBits`, made here and forgotten: the same call on dy is the gradient.
 */
export function dropout(x: usize, y: usize, n: i32, key0: i32, key1: i32, threshold: i32, scale: f32): void {
  const limit = i32x4.splat(threshold);
  const factor = f32x4.splat(scale);
  let counter = 0;
  for (; n >= 8; n -= 8, counter += 4, x += 32, y += 32) {
    threefry4(key0, key1, counter);
    v128.store(y, v128.and(f32x4.mul(v128.load(x), factor), i32x4.ge_u(bitsLow, limit)));
    v128.store(y, v128.and(f32x4.mul(v128.load(x, 16), factor), i32x4.ge_u(bitsHigh, limit)), 16);
  }
  if (n == 0) return;
  threefry4(key0, key1, counter);
  let words = bitsLow;
  if (n >= 4) {
    v128.store(y, v128.and(f32x4.mul(v128.load(x), factor), i32x4.ge_u(words, limit)));
    words = bitsHigh;
    n -= 4;
    x += 16;
    y += 16;
  }
  if (n > 0) storeTail(y, v128.and(f32x4.mul(loadTail(x, n, 0), factor), i32x4.ge_u(words, limit)), n);
}
