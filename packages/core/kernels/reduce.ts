// Reductions of x [outer, size, inner] over its middle axis. Blocks of at most 256 numbers are reduced in float32 lanes,
// the blocks in float64: so a sum is within 1.2e-6 of the sum of magnitudes, however long it is.

import { loadTail } from './simd';

const SUM: i32 = 0;
const MAX: i32 = 1;
const MIN: i32 = 2;
const PROD: i32 = 3;

/** Rows of a column reduction that are reduced in float32 before going to float64. */
const BLOCK_ROWS: i32 = 16;
/** Narrower rows are taken several at a time as one wide row. */
const WIDE: i32 = 64;

// @ts-ignore: decorator
@inline
function combine(op: i32, a: v128, b: v128): v128 {
  if (op == MAX) return f32x4.max(a, b);
  if (op == MIN) return f32x4.min(a, b);
  if (op == PROD) return f32x4.mul(a, b);
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function combine2(op: i32, a: v128, b: v128): v128 {
  if (op == MAX) return f64x2.max(a, b);
  if (op == MIN) return f64x2.min(a, b);
  if (op == PROD) return f64x2.mul(a, b);
  return f64x2.add(a, b);
}

// @ts-ignore: decorator
@inline
function combine1(op: i32, a: f64, b: f64): f64 {
  if (op == MAX) return max(a, b);
  if (op == MIN) return min(a, b);
  if (op == PROD) return a * b;
  return a + b;
}

// @ts-ignore: decorator
@inline
function identity(op: i32): f32 {
  if (op == MAX) return -Infinity;
  if (op == MIN) return Infinity;
  if (op == PROD) return 1;
  return 0;
}

// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}

/** The reduction of n contiguous numbers. */
// @ts-ignore: decorator
@inline
function reduceRow(op: i32, x: usize, n: i32): f64 {
  if (op == MAX || op == MIN) return <f64>extremeOfRow(op, x, n);
  let total = f64x2.splat(<f64>identity(op));
  while (n > 0) {
    const a = f32x4.splat(identity(op));
    const block = min(n, 256);
    n -= block;
    const v = reduceBlock(op, x, block, a);
    x += <usize>block << 2;
    total = combine2(op, total, combine2(op, f64x2.promote_low_f32x4(v), high(v)));
  }
  return combine1(op, f64x2.extract_lane(total, 0), f64x2.extract_lane(total, 1));
}

/** n numbers reduced to four lanes. */
// @ts-ignore: decorator
@inline
function reduceBlock(op: i32, x: usize, n: i32, none: v128): v128 {
  let a = none;
  if (n >= 16) {
    let b = none;
    let c = none;
    let d = none;
    for (; n >= 16; n -= 16, x += 64) {
      a = combine(op, a, v128.load(x));
      b = combine(op, b, v128.load(x, 16));
      c = combine(op, c, v128.load(x, 32));
      d = combine(op, d, v128.load(x, 48));
    }
    a = combine(op, combine(op, a, b), combine(op, c, d));
  }
  for (; n >= 4; n -= 4, x += 16) a = combine(op, a, v128.load(x));
  return n > 0 ? combine(op, a, loadTail(x, n, identity(op))) : a;
}

/**
 * The extreme of n numbers; NaN if there is one. pmax and pmin, one instruction where max and min are nine, pass over NaN
 * in their second argument, so those are looked for beside them.
 */
// @ts-ignore: decorator
@inline
function extremeOfRow(op: i32, x: usize, n: i32): f32 {
  let a = f32x4.splat(identity(op));
  let nan = f32x4.splat(0);
  if (n >= 16) {
    let b = a;
    let c = a;
    let d = a;
    for (; n >= 16; n -= 16, x += 64) {
      const p = v128.load(x);
      const q = v128.load(x, 16);
      const r = v128.load(x, 32);
      const s = v128.load(x, 48);
      a = extreme(op, a, p);
      b = extreme(op, b, q);
      c = extreme(op, c, r);
      d = extreme(op, d, s);
      nan = v128.or(nan, v128.or(f32x4.ne(p, p), f32x4.ne(q, q)));
      nan = v128.or(nan, v128.or(f32x4.ne(r, r), f32x4.ne(s, s)));
    }
    a = extreme(op, extreme(op, a, b), extreme(op, c, d));
  }
  for (; n >= 4; n -= 4, x += 16) {
    const p = v128.load(x);
    a = extreme(op, a, p);
    nan = v128.or(nan, f32x4.ne(p, p));
  }
  if (n > 0) {
    const p = loadTail(x, n, identity(op));
    a = extreme(op, a, p);
    nan = v128.or(nan, f32x4.ne(p, p));
  }
  if (v128.any_true(nan)) return NaN;
  a = extreme(op, a, v128.shuffle<i64>(a, a, 1, 0));
  return f32x4.extract_lane(extreme(op, a, v128.shuffle<i32>(a, a, 1, 0, 3, 2)), 0);
}

// @ts-ignore: decorator
@inline
function extreme(op: i32, a: v128, b: v128): v128 {
  return op == MAX ? f32x4.pmax(a, b) : f32x4.pmin(a, b);
}

/** acc[k] = acc[k] combined with the k-th column of x [rows, width], acc in float64. */
// @ts-ignore: decorator
@inline
function reduceColumns(op: i32, x: usize, acc: usize, rows: i32, width: i32): void {
  const stride = <usize>width << 2;
  for (let r = 0; r < rows; r += BLOCK_ROWS) {
    const n = min(rows - r, BLOCK_ROWS);
    const end = x + <usize>n * stride;
    let from = x;
    let to = acc;
    let k = width;
    for (; k >= 16; k -= 16, from += 64, to += 128) {
      let a = v128.load(from);
      let b = v128.load(from, 16);
      let c = v128.load(from, 32);
      let d = v128.load(from, 48);
      for (let p = from + stride; p < end; p += stride) {
        a = combine(op, a, v128.load(p));
        b = combine(op, b, v128.load(p, 16));
        c = combine(op, c, v128.load(p, 32));
        d = combine(op, d, v128.load(p, 48));
      }
      accumulate4(op, to, a);
      accumulate4(op, to + 32, b);
      accumulate4(op, to + 64, c);
      accumulate4(op, to + 96, d);
    }
    for (; k >= 4; k -= 4, from += 16, to += 32) {
      let a = v128.load(from);
      for (let p = from + stride; p < end; p += stride) a = combine(op, a, v128.load(p));
      accumulate4(op, to, a);
    }
    for (; k > 0; k--, from += 4, to += 8) {
      let a = load<f64>(to);
      for (let p = from; p < end; p += stride) a = combine1(op, a, <f64>load<f32>(p));
      store<f64>(to, a);
    }
    x = end;
  }
}

// @ts-ignore: decorator
@inline
function accumulate4(op: i32, to: usize, v: v128): void {
  v128.store(to, combine2(op, v128.load(to), f64x2.promote_low_f32x4(v)));
  v128.store(to, combine2(op, v128.load(to, 16), high(v)), 16);
}

// @ts-ignore: decorator
@inline
function reduce(op: i32, x: usize, y: usize, outer: i32, size: i32, inner: i32, scratch: usize, scale: f64): void {
  if (inner == 1) {
    for (let o = 0; o < outer; o++, x += <usize>size << 2, y += 4) {
      store<f32>(y, <f32>(reduceRow(op, x, size) * scale));
    }
    return;
  }
  // Narrow rows: `group` of them, a multiple of 4, make a wide row, whose groups are combined at the end.
  const group = inner < WIDE && size > WIDE / 4 ? 4 * ((WIDE / 4 + inner - 1) / inner) : 1;
  const width = inner * group;
  const wideRows = size / group;
  const rest = size - wideRows * group;
  const none = f64x2.splat(<f64>identity(op));
  for (let o = 0; o < outer; o++) {
    let k = 0;
    for (; k + 2 <= width; k += 2) v128.store(scratch + (<usize>k << 3), none);
    if (k < width) store<f64>(scratch + (<usize>k << 3), <f64>identity(op));
    reduceColumns(op, x, scratch, wideRows, width);
    x += (<usize>wideRows * <usize>width) << 2;
    reduceColumns(op, x, scratch, rest > 0 ? 1 : 0, rest * inner);
    x += (<usize>rest * <usize>inner) << 2;
    for (let g = 1; g < group; g++) {
      const from = scratch + ((<usize>g * <usize>inner) << 3);
      for (let k = 0; k < inner; k++) {
        const at = <usize>k << 3;
        store<f64>(scratch + at, combine1(op, load<f64>(scratch + at), load<f64>(from + at)));
      }
    }
    finish(scratch, y, inner, scale);
    y += <usize>inner << 2;
  }
}

/** y[k] = acc[k] * scale, to float32. */
// @ts-ignore: decorator
@inline
function finish(acc: usize, y: usize, n: i32, scale: f64): void {
  const s = f64x2.splat(scale);
  for (; n >= 4; n -= 4, acc += 32, y += 16) {
    const low = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(acc), s));
    const high = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(acc, 16), s));
    v128.store(y, v128.shuffle<i64>(low, high, 0, 2));
  }
  for (; n > 0; n--, acc += 8, y += 4) store<f32>(y, <f32>(load<f64>(acc) * scale));
}

/**
 * y[o, i] = scale * the sum of x[o, :, i]. `scratch`: 8 bytes for each of max(256, inner) columns, here and below.
 */
export function reduceSum(x: usize, y: usize, outer: i32, size: i32, inner: i32, scratch: usize, scale: f64): void {
  reduce(SUM, x, y, outer, size, inner, scratch, scale);
}

/** y[o, i] = the largest of x[o, :, i]; NaN if there is one. */
export function reduceMax(x: usize, y: usize, outer: i32, size: i32, inner: i32, scratch: usize): void {
  reduce(MAX, x, y, outer, size, inner, scratch, 1);
}

/** y[o, i] = the smallest of x[o, :, i]; NaN if there is one. */
export function reduceMin(x: usize, y: usize, outer: i32, size: i32, inner: i32, scratch: usize): void {
  reduce(MIN, x, y, outer, size, inner, scratch, 1);
}

/** y[o, i] = the product of x[o, :, i] */
export function reduceProd(x: usize, y: usize, outer: i32, size: i32, inner: i32, scratch: usize): void {
  reduce(PROD, x, y, outer, size, inner, scratch, 1);
}

/** y[o, i] = the first position of the largest of x[o, :, i], of a NaN if there is one; `best`: inner floats of scratch. */
export function argMax(x: usize, y: usize, outer: i32, size: i32, inner: i32, best: usize): void {
  argExtreme(MAX, x, y, outer, size, inner, best);
}

/** y[o, i] = the first position of the smallest of x[o, :, i], of a NaN if there is one. */
export function argMin(x: usize, y: usize, outer: i32, size: i32, inner: i32, best: usize): void {
  argExtreme(MIN, x, y, outer, size, inner, best);
}

// @ts-ignore: decorator
@inline
function argExtreme(op: i32, x: usize, y: usize, outer: i32, size: i32, inner: i32, best: usize): void {
  if (inner == 1) {
    for (let o = 0; o < outer; o++, x += <usize>size << 2, y += 4) {
      const value = extremeOfRow(op, x, size);
      store<i32>(y, value == value ? find(x, size, value) : findNaN(x, size));
    }
    return;
  }
  const bytes = <usize>inner << 2;
  for (let o = 0; o < outer; o++, y += bytes) {
    memory.copy(best, x, bytes);
    memory.fill(y, 0, bytes);
    x += bytes;
    for (let r = 1; r < size; r++, x += bytes) {
      const row = i32x4.splat(r);
      let k: usize = 0;
      for (; k + 16 <= bytes; k += 16) {
        const v = v128.load(x + k);
        const b = v128.load(best + k);
        const beats = op == MAX ? f32x4.gt(v, b) : f32x4.lt(v, b);
        const isFirstNaN = v128.and(f32x4.ne(v, v), f32x4.eq(b, b));
        const takes = v128.or(beats, isFirstNaN);
        v128.store(best + k, v128.bitselect(v, b, takes));
        v128.store(y + k, v128.bitselect(row, v128.load(y + k), takes));
      }
      for (; k < bytes; k += 4) {
        const v = load<f32>(x + k);
        const b = load<f32>(best + k);
        if ((op == MAX ? v > b : v < b) || (v != v && b == b)) {
          store<f32>(best + k, v);
          store<i32>(y + k, r);
        }
      }
    }
  }
}

/** The first position of `value`, which is there, among n numbers. */
// @ts-ignore: decorator
@inline
function find(x: usize, n: i32, value: f32): i32 {
  const v = f32x4.splat(value);
  let k = 0;
  for (; k + 16 <= n; k += 16, x += 64) {
    const p = v128.or(f32x4.eq(v128.load(x), v), f32x4.eq(v128.load(x, 16), v));
    const q = v128.or(f32x4.eq(v128.load(x, 32), v), f32x4.eq(v128.load(x, 48), v));
    if (v128.any_true(v128.or(p, q))) break;
  }
  for (; k < n - 1; k++, x += 4) if (load<f32>(x) == value) break;
  return k;
}

/** The first position of a NaN, which is there, among n numbers. */
function findNaN(x: usize, n: i32): i32 {
  let k = 0;
  for (; k < n - 1; k++, x += 4) if (load<f32>(x) != load<f32>(x)) break;
  return k;
}
