import { loadTail, madd, storeTail } from '@dl/core/kernels/simd';

// Rows of n floats, one scale and one bias a column. What stays of a row behind its last 4 columns goes through
// loadTail and storeTail.

/** y = scale max(x, 0)^2 + bias. */
export function newLayer(x: usize, scale: usize, bias: usize, y: usize, rows: i32, n: i32): void {
  const zero = f32x4.splat(0);
  const end = <usize>n << 2;
  const whole = <usize>(n & ~3) << 2;
  const rest = n & 3;
  for (let row = 0; row < rows; row++, x += end, y += end) {
    for (let at: usize = 0; at < whole; at += 16) {
      const r = f32x4.max(v128.load(x + at), zero);
      v128.store(y + at, madd(v128.load(scale + at), f32x4.mul(r, r), v128.load(bias + at)));
    }
    if (rest > 0) {
      const r = f32x4.max(loadTail(x + whole, rest, 0), zero);
      const value = madd(loadTail(scale + whole, rest, 0), f32x4.mul(r, r), loadTail(bias + whole, rest, 0));
      storeTail(y + whole, value, rest);
    }
  }
}

/** dx = 2 scale max(x, 0) dy; dscale and dbias are the sums over the rows of max(x, 0)^2 dy and of dy. */
export function newLayerGradient(
  x: usize, scale: usize, dy: usize, dx: usize, dscale: usize, dbias: usize, rows: i32, n: i32,
): void {
  const zero = f32x4.splat(0);
  const end = <usize>n << 2;
  const whole = <usize>(n & ~3) << 2;
  const rest = n & 3;
  memory.fill(dscale, 0, end);
  memory.fill(dbias, 0, end);
  for (let row = 0; row < rows; row++, x += end, dy += end, dx += end) {
    for (let at: usize = 0; at < whole; at += 16) {
      const r = f32x4.max(v128.load(x + at), zero);
      const d = v128.load(dy + at);
      const rd = f32x4.mul(r, d);
      v128.store(dx + at, f32x4.mul(v128.load(scale + at), f32x4.add(rd, rd)));
      v128.store(dscale + at, madd(r, rd, v128.load(dscale + at)));
      v128.store(dbias + at, f32x4.add(d, v128.load(dbias + at)));
    }
    if (rest > 0) {
      const r = f32x4.max(loadTail(x + whole, rest, 0), zero);
      const d = loadTail(dy + whole, rest, 0);
      const rd = f32x4.mul(r, d);
      storeTail(dx + whole, f32x4.mul(loadTail(scale + whole, rest, 0), f32x4.add(rd, rd)), rest);
      storeTail(dscale + whole, madd(r, rd, loadTail(dscale + whole, rest, 0)), rest);
      storeTail(dbias + whole, f32x4.add(d, loadTail(dbias + whole, rest, 0)), rest);
    }
  }
}
