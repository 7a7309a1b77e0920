import { constants } from './constants';
import { loadTail, maxLanes, storeTail, sumLanes } from './simd';
import { exp4, log4 } from './vector-math';

/** The largest of n floats, NaN left out: it comes back through the sum of exponentials. */
// @ts-ignore: decorator
@inline
export function rowMax(x: usize, n: i32): f32 {
  let largest = f32x4.splat(-Infinity);
  for (; n >= 4; n -= 4, x += 16) largest = f32x4.pmax(largest, v128.load(x));
  if (n > 0) largest = f32x4.pmax(largest, loadTail(x, n, -Infinity));
  return maxLanes(largest);
}

/** ln of one float. */
// @ts-ignore: decorator
@inline
export function ln(x: f32, c: usize): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x), c), 0);
}

/** y = x - ln(sum e^x) for each of `rows` rows of n floats. */
export function logSoftmax(x: usize, y: usize, rows: i32, n: i32): void {
  const c = constants;
  const stride = <usize>n << 2;
  for (let r = 0; r < rows; r++, x += stride, y += stride) {
    const largest = f32x4.splat(rowMax(x, n));
    let sum = f32x4.splat(0);
    let left = n;
    let from = x;
    for (; left >= 4; left -= 4, from += 16) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(from), largest), c));
    if (left > 0) sum = f32x4.add(sum, exp4(f32x4.sub(loadTail(from, left, -Infinity), largest), c));
    const logSum = f32x4.splat(ln(sumLanes(sum), c));
    left = n;
    from = x;
    let to = y;
    for (; left >= 4; left -= 4, from += 16, to += 16) {
      v128.store(to, f32x4.sub(f32x4.sub(v128.load(from), largest), logSum));
    }
    if (left > 0) storeTail(to, f32x4.sub(f32x4.sub(loadTail(from, left, 0), largest), logSum), left);
  }
}

/** dx = dy - e^y sum(dy), where y is the log-softmax. */
export function logSoftmaxGradient(y: usize, dy: usize, dx: usize, rows: i32, n: i32): void {
  const c = constants;
  const stride = <usize>n << 2;
  for (let r = 0; r < rows; r++, y += stride, dy += stride, dx += stride) {
    let total = f32x4.splat(0);
    let left = n;
    let at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) total = f32x4.add(total, v128.load(dy + at));
    if (left > 0) total = f32x4.add(total, loadTail(dy + at, left, 0));
    total = f32x4.splat(sumLanes(total));
    left = n;
    at = 0;
    for (; left >= 4; left -= 4, at += 16) {
      v128.store(dx + at, f32x4.sub(v128.load(dy + at), f32x4.mul(exp4(v128.load(y + at), c), total)));
    }
    if (left > 0) {
      const d = f32x4.sub(loadTail(dy + at, left, 0), f32x4.mul(exp4(loadTail(y + at, left, 0), c), total));
      storeTail(dx + at, d, left);
    }
  }
}

/** dx = y (dy - sum(dy y)), where y is the softmax. */
export function softmaxGradient(y: usize, dy: usize, dx: usize, rows: i32, n: i32): void {
  const stride = <usize>n << 2;
  for (let r = 0; r < rows; r++, y += stride, dy += stride, dx += stride) {
    let dot = f32x4.splat(0);
    let left = n;
    let at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) dot = f32x4.add(dot, f32x4.mul(v128.load(y + at), v128.load(dy + at)));
    if (left > 0) dot = f32x4.add(dot, f32x4.mul(loadTail(y + at, left, 0), loadTail(dy + at, left, 0)));
    dot = f32x4.splat(sumLanes(dot));
    left = n;
    at = 0;
    for (; left >= 4; left -= 4, at += 16) {
      v128.store(dx + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), dot)));
    }
    if (left > 0) {
      storeTail(dx + at, f32x4.mul(loadTail(y + at, left, 0), f32x4.sub(loadTail(dy + at, left, 0), dot)), left);
    }
  }
}
