// Functions of two arrays with NumPy's broadcasting. The output is contiguous. `dims` is a table of 32-bit words, one
// triple (size, stride of a, stride of b; strides in bytes, 0 repeats) for each dimension, outermost first; in the last
// one the strides are 0 or the size of an element.
import { constants } from './constants';
import { pow4, simplePow4, simplePower } from './power';

const MAXIMUM: i32 = 0;
const MINIMUM: i32 = 1;
const GREATER: i32 = 2;
const GREATER_EQUAL: i32 = 3;
const EQUAL: i32 = 4;
const NOT_EQUAL: i32 = 5;
const POWER: i32 = 6;
const AND: i32 = 7;
const OR: i32 = 8;

// @ts-ignore: decorator
@inline
function apply4(op: i32, a: v128, b: v128): v128 {
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == GREATER) return f32x4.gt(a, b);
  if (op == GREATER_EQUAL) return f32x4.ge(a, b);
  if (op == EQUAL) return f32x4.eq(a, b);
  if (op == POWER) return pow4(a, b, constants);
  return f32x4.ne(a, b);
}

// @ts-ignore: decorator
@inline
function load4(address: usize, repeats: bool): v128 {
  return repeats ? v128.load32_splat(address) : v128.load(address);
}

/** One row of floats; returns the end of y. */
// @ts-ignore: decorator
@inline
function numberRow(op: i32, a: usize, b: usize, y: usize, n: i32, oneA: bool, oneB: bool): usize {
  for (; n >= 4; n -= 4, y += 16) {
    v128.store(y, apply4(op, load4(a, oneA), load4(b, oneB)));
    if (!oneA) a += 16;
    if (!oneB) b += 16;
  }
  for (; n > 0; n--, y += 4) {
    store<f32>(y, f32x4.extract_lane(apply4(op, v128.load32_splat(a), v128.load32_splat(b)), 0));
    if (!oneA) a += 4;
    if (!oneB) b += 4;
  }
  return y;
}

/** One row of booleans of a byte each; returns the end of y. */
// @ts-ignore: decorator
@inline
function booleanRow(op: i32, a: usize, b: usize, y: usize, n: i32, oneA: bool, oneB: bool): usize {
  const one = i8x16.splat(1);
  for (; n >= 16; n -= 16, y += 16) {
    const p = apply4(op, load4(a, oneA), load4(b, oneB));
    const q = apply4(op, load4(oneA ? a : a + 16, oneA), load4(oneB ? b : b + 16, oneB));
    const r = apply4(op, load4(oneA ? a : a + 32, oneA), load4(oneB ? b : b + 32, oneB));
    const s = apply4(op, load4(oneA ? a : a + 48, oneA), load4(oneB ? b : b + 48, oneB));
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(p, q), i16x8.narrow_i32x4_s(r, s));
    v128.store(y, v128.and(bytes, one));
    if (!oneA) a += 64;
    if (!oneB) b += 64;
  }
  for (; n > 0; n--, y++) {
    store<u8>(y, i32x4.extract_lane(apply4(op, v128.load32_splat(a), v128.load32_splat(b)), 0) & 1);
    if (!oneA) a += 4;
    if (!oneB) b += 4;
  }
  return y;
}

/** One row from booleans; returns the end of y. */
// @ts-ignore: decorator
@inline
function logicalRow(op: i32, a: usize, b: usize, y: usize, n: i32, oneA: bool, oneB: bool): usize {
  for (; n >= 16; n -= 16, y += 16) {
    const p = oneA ? v128.load8_splat(a) : v128.load(a);
    const q = oneB ? v128.load8_splat(b) : v128.load(b);
    v128.store(y, op == AND ? v128.and(p, q) : v128.or(p, q));
    if (!oneA) a += 16;
    if (!oneB) b += 16;
  }
  for (; n > 0; n--, y++) {
    store<u8>(y, op == AND ? load<u8>(a) & load<u8>(b) : load<u8>(a) | load<u8>(b));
    if (!oneA) a++;
    if (!oneB) b++;
  }
  return y;
}

/** One row of powers with the same simple exponent; returns the end of y. */
function simplePowerRow(a: usize, exponent: f32, y: usize, n: i32): usize {
  const c = constants;
  for (; n >= 4; n -= 4, a += 16, y += 16) v128.store(y, simplePow4(v128.load(a), exponent, c));
  for (; n > 0; n--, a += 4, y += 4) {
    store<f32>(y, f32x4.extract_lane(simplePow4(v128.load32_splat(a), exponent, c), 0));
  }
  return y;
}

// @ts-ignore: decorator
@inline
function row(op: i32, a: usize, b: usize, y: usize, n: i32, oneA: bool, oneB: bool): usize {
  if (op < GREATER || op == POWER) return numberRow(op, a, b, y, n, oneA, oneB);
  if (op == AND || op == OR) return logicalRow(op, a, b, y, n, oneA, oneB);
  return booleanRow(op, a, b, y, n, oneA, oneB);
}

// @ts-ignore: decorator
@inline
function anyRow(op: i32, a: usize, b: usize, y: usize, n: i32, da: usize, db: usize): usize {
  if (da == 0) return row(op, a, b, y, n, true, false);
  if (db == 0) return row(op, a, b, y, n, false, true);
  return row(op, a, b, y, n, false, false);
}

/**
 * y = a op b; op is 0 maximum, 1 minimum (NaN if either is NaN), 6 power; with a byte for each result 2 greater,
 * 3 greaterEqual, 4 equal, 5 notEqual; with bytes on all sides 7 and, 8 or. Returns the end of y.
 */
export function binary(op: i32, a: usize, b: usize, y: usize, dims: usize, rank: i32): usize {
  const n = load<i32>(dims);
  const da = load<usize>(dims, 4);
  const db = load<usize>(dims, 8);
  if (rank > 1) {
    for (let k = 0; k < n; k++, a += da, b += db) y = binary(op, a, b, y, dims + 12, rank - 1);
    return y;
  }
  switch (op) {
    case MAXIMUM:
      return anyRow(MAXIMUM, a, b, y, n, da, db);
    case MINIMUM:
      return anyRow(MINIMUM, a, b, y, n, da, db);
    case GREATER:
      return anyRow(GREATER, a, b, y, n, da, db);
    case GREATER_EQUAL:
      return anyRow(GREATER_EQUAL, a, b, y, n, da, db);
    case POWER:
      if (db == 0 && simplePower(load<f32>(b))) return simplePowerRow(a, load<f32>(b), y, n);
      return anyRow(POWER, a, b, y, n, da, db);
    case AND:
      return anyRow(AND, a, b, y, n, da, db);
    case OR:
      return anyRow(OR, a, b, y, n, da, db);
    case EQUAL:
      return anyRow(EQUAL, a, b, y, n, da, db);
    default:
      return anyRow(NOT_EQUAL, a, b, y, n, da, db);
  }
}

/** y[i] = condition[i] ? t[i] : e[i] for n 32-bit words and conditions of a byte each. */
export function select32(condition: usize, t: usize, e: usize, y: usize, n: i32): void {
  const zero = i32x4.splat(0);
  for (; n >= 4; n -= 4, condition += 4, t += 16, e += 16, y += 16) {
    const c = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition)));
    v128.store(y, v128.bitselect(v128.load(e), v128.load(t), i32x4.eq(c, zero)));
  }
  for (; n > 0; n--, condition++, t += 4, e += 4, y += 4) {
    store<i32>(y, load<u8>(condition) ? load<i32>(t) : load<i32>(e));
  }
}
