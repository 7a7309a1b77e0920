// The activations that a product may end with, by code, and their gradients from the output alone.
//
//   0 linear   1 relu   2 relu6   3 leakyrelu (alpha)   4 sigmoid   5 tanh   6 elu (alpha)
import { constants } from './constants';
import { loadTail, storeTail } from './simd';
import { expm14, sigmoid4, tanh4 } from './vector-math';

/** x[i] = act(x[i]) for n floats. */
export function activate(x: usize, n: i32, activation: i32, alpha: f32): void {
  switch (activation) {
    case 1: return activateAll(1, x, n, alpha);
    case 2: return activateAll(2, x, n, alpha);
    case 3: return activateAll(3, x, n, alpha);
    case 4: return activateAll(4, x, n, alpha);
    case 5: return activateAll(5, x, n, alpha);
    case 6: return activateAll(6, x, n, alpha);
  }
}

/** x[i] = x[i] > 0 ? x[i] : slope[i] x[i] for n floats. */
export function activatePrelu(x: usize, slope: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const v = load<f32>(x);
    if (!(v > 0)) store<f32>(x, v * load<f32>(slope));
    x += 4;
    slope += 4;
  }
}

/**
 * dz[i] = dy[i] act'(z[i]) for a matrix of rows x columns, where act'(z) is taken from y = act(z); db, if not 0, receives
 * the sums of the columns of dz. With activation 0 nothing is written to dz.
 */
export function activationGradient(y: usize, dy: usize, dz: usize, db: usize, rows: i32, columns: i32, activation: i32, alpha: f32): void {
  switch (activation) {
    case 0: return gradientAll(0, y, dy, dz, db, rows, columns, alpha);
    case 1: return gradientAll(1, y, dy, dz, db, rows, columns, alpha);
    case 2: return gradientAll(2, y, dy, dz, db, rows, columns, alpha);
    case 3: return gradientAll(3, y, dy, dz, db, rows, columns, alpha);
    case 4: return gradientAll(4, y, dy, dz, db, rows, columns, alpha);
    case 5: return gradientAll(5, y, dy, dz, db, rows, columns, alpha);
    case 6: return gradientAll(6, y, dy, dz, db, rows, columns, alpha);
  }
}

// Inlined with a constant code, so that each activation gets a loop without branches.
// @ts-ignore: decorator
@inline
function activateAll(activation: i32, x: usize, n: i32, alpha: f32): void {
  const c = constants;
  const a = f32x4.splat(alpha);
  for (; n >= 4; n -= 4) {
    v128.store(x, activate4(activation, v128.load(x), a, c));
    x += 16;
  }
  if (n > 0) storeTail(x, activate4(activation, loadTail(x, n, 0), a, c), n);
}

// @ts-ignore: decorator
@inline
function activate4(activation: i32, x: v128, alpha: v128, c: usize): v128 {
  const zero = f32x4.splat(0);
  if (activation == 1) return f32x4.max(x, zero);
  if (activation == 2) return f32x4.min(f32x4.max(x, zero), v128.load(c, 13 * 16));
  if (activation == 3) return v128.bitselect(x, f32x4.mul(x, alpha), f32x4.gt(x, zero));
  if (activation == 4) return sigmoid4(x, c);
  if (activation == 5) return tanh4(x, c);
  return v128.bitselect(x, f32x4.mul(alpha, expm14(x, c)), f32x4.gt(x, zero));
}

// @ts-ignore: decorator
@inline
function gradient4(activation: i32, y: v128, dy: v128, alpha: v128, c: usize): v128 {
  const zero = f32x4.splat(0);
  if (activation == 1) return v128.andnot(dy, f32x4.le(y, zero)); // NaN passes
  if (activation == 2) return v128.andnot(dy, v128.or(f32x4.le(y, zero), f32x4.ge(y, v128.load(c, 13 * 16))));
  if (activation == 3) return v128.bitselect(dy, f32x4.mul(dy, alpha), f32x4.gt(y, zero));
  if (activation == 4) return f32x4.mul(dy, f32x4.sub(y, f32x4.mul(y, y))); // y (1 - y)
  if (activation == 5) return f32x4.sub(dy, f32x4.mul(dy, f32x4.mul(y, y))); // 1 - y^2
  if (activation == 6) return v128.bitselect(dy, f32x4.mul(dy, f32x4.add(y, alpha)), f32x4.gt(y, zero));
  return dy;
}

/** Rows that are summed in registers before they are added to db: keeps the rounding error small and the rows in cache. */
const ROWS: i32 = 64;

// @ts-ignore: decorator
@inline
function gradientAll(activation: i32, y: usize, dy: usize, dz: usize, db: usize, rows: i32, columns: i32, alpha: f32): void {
  const c = constants;
  const a = f32x4.splat(alpha);
  const stride = <usize>columns << 2;
  if (db) memory.fill(db, 0, stride);
  for (let r = 0; r < rows; r += ROWS) {
    const count = min(ROWS, rows - r);
    const block = <usize>r * stride;
    let j = 0;
    for (; j + 16 <= columns; j += 16) { // one line of the cache
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let at = block + (<usize>j << 2);
      for (let i = 0; i < count; i++) {
        const g0 = gradient4(activation, v128.load(y + at), v128.load(dy + at), a, c);
        const g1 = gradient4(activation, v128.load(y + at, 16), v128.load(dy + at, 16), a, c);
        const g2 = gradient4(activation, v128.load(y + at, 32), v128.load(dy + at, 32), a, c);
        const g3 = gradient4(activation, v128.load(y + at, 48), v128.load(dy + at, 48), a, c);
        if (activation) {
          v128.store(dz + at, g0);
          v128.store(dz + at, g1, 16);
          v128.store(dz + at, g2, 32);
          v128.store(dz + at, g3, 48);
        }
        s0 = f32x4.add(s0, g0);
        s1 = f32x4.add(s1, g1);
        s2 = f32x4.add(s2, g2);
        s3 = f32x4.add(s3, g3);
        at += stride;
      }
      if (db) {
        const to = db + (<usize>j << 2);
        v128.store(to, f32x4.add(v128.load(to), s0));
        v128.store(to, f32x4.add(v128.load(to, 16), s1), 16);
        v128.store(to, f32x4.add(v128.load(to, 32), s2), 32);
        v128.store(to, f32x4.add(v128.load(to, 48), s3), 48);
      }
    }
    for (; j < columns; j += 4) {
      const n = columns - j;
      let s = f32x4.splat(0);
      let at = block + (<usize>j << 2);
      for (let i = 0; i < count; i++) {
        const v = n >= 4 ? v128.load(y + at) : loadTail(y + at, n, 0);
        const d = n >= 4 ? v128.load(dy + at) : loadTail(dy + at, n, 0);
        const g = gradient4(activation, v, d, a, c);
        if (activation) {
          if (n >= 4) v128.store(dz + at, g);
          else storeTail(dz + at, g, n);
        }
        s = f32x4.add(s, g);
        at += stride;
      }
      if (db) {
        const to = db + (<usize>j << 2);
        if (n >= 4) v128.store(to, f32x4.add(v128.load(to), s));
        else storeTail(to, f32x4.add(loadTail(to, n, 0), s), n);
      }
    }
  }
}
