// x^y in float64 lanes, two at a time: a float32 logarithm would lose as many digits as |y ln x| has.

/**
 * x^y of four lanes, error below one unit in the last place of float32; C's and PyTorch's rules for the special cases.
 * A call and not inlined: a hundred instructions outweigh it, and copies of them in every loop take minutes to compile.
 */
export function pow4(x: v128, y: v128, c: usize): v128 {
  const zero = f32x4.splat(0);
  const one = v128.load(c, 26 * 16);
  const infinity = v128.load(c, 41 * 16);
  const a = f32x4.abs(x);
  const low = pow2(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(y), c);
  const high = pow2(upper(a), upper(y), c);
  let p = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);

  // x < 0: no real power unless y is an integer (Infinity counts as even), and the sign of x if it is an odd one.
  const isInteger = f32x4.eq(f32x4.nearest(y), y);
  const half = f32x4.mul(y, v128.load(c, 25 * 16));
  const isOdd = v128.and(isInteger, f32x4.ne(f32x4.nearest(half), half));
  const sign = v128.xor(x, a);
  const isNegative = v128.and(f32x4.lt(x, zero), f32x4.gt(x, f32x4.neg(infinity)));
  p = v128.or(p, v128.andnot(isNegative, isInteger)); // all ones is a NaN
  p = v128.xor(p, v128.and(sign, isOdd));
  // 1 whatever the other is: x^0 and 1^y even of NaN, (-1)^Infinity.
  const isUnit = v128.and(f32x4.eq(a, one), f32x4.eq(f32x4.abs(y), infinity));
  return v128.bitselect(one, p, v128.or(isUnit, v128.or(f32x4.eq(y, zero), f32x4.eq(x, one))));
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}

/** x^y = 2^(y log2 x) of two float64 lanes that were float32, x >= 0 */
// @ts-ignore: decorator
@inline
function pow2(x: v128, y: v128, c: usize): v128 {
  const one = v128.load(c, 65 * 16);
  // x = 2^k m with m in [sqrt 1/2, sqrt 2); the exponent field of `biased` is k + 1023. As the low bits of 2^52 it is a
  // float64 number at once.
  const field = i64x2.shr_u(i64x2.add(x, v128.load(c, 62 * 16)), 52);
  const k = f64x2.sub(v128.or(field, v128.load(c, 63 * 16)), v128.load(c, 64 * 16));
  const m = i64x2.add(i64x2.sub(x, i64x2.shl(field, 52)), one);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  let p = madd2(z, v128.load(c, 70 * 16), v128.load(c, 69 * 16));
  p = madd2(z, p, v128.load(c, 68 * 16));
  p = madd2(z, p, v128.load(c, 67 * 16));
  p = madd2(z, p, v128.load(c, 66 * 16));
  let log = madd2(s, p, k);
  const infinity = f64x2.splat(Infinity);
  const zero = f64x2.splat(0);
  log = v128.bitselect(log, x, f64x2.lt(x, infinity)); // Infinity and NaN
  log = v128.bitselect(f64x2.neg(infinity), log, f64x2.eq(x, zero));

  const most = v128.load(c, 71 * 16);
  const w = f64x2.pmin(f64x2.pmax(f64x2.mul(y, log), f64x2.neg(most)), most);
  const shifted = f64x2.add(w, v128.load(c, 72 * 16));
  const f = f64x2.sub(w, f64x2.sub(shifted, v128.load(c, 72 * 16)));
  let q = madd2(f, v128.load(c, 78 * 16), v128.load(c, 77 * 16));
  q = madd2(f, q, v128.load(c, 76 * 16));
  q = madd2(f, q, v128.load(c, 75 * 16));
  q = madd2(f, q, v128.load(c, 74 * 16));
  q = madd2(f, q, v128.load(c, 73 * 16));
  q = madd2(f, q, one);
  return f64x2.mul(q, i64x2.add(i64x2.shl(shifted, 52), one));
}

// @ts-ignore: decorator
@inline
function madd2(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** x^2, x^3, 1/x and the root, which are most of the powers in use, without the logarithm. */
// @ts-ignore: decorator
@inline
export function simplePower(y: f32): bool {
  return y == 2 || y == 3 || y == -1 || y == 0.5;
}

/** x^y for an exponent that `simplePower` takes. */
// @ts-ignore: decorator
@inline
export function simplePow4(x: v128, y: f32, c: usize): v128 {
  if (y == 2) return f32x4.mul(x, x);
  if (y == 3) return f32x4.mul(f32x4.mul(x, x), x);
  if (y == -1) return f32x4.div(v128.load(c, 26 * 16), x);
  // The root of -0 is 0 and of -Infinity Infinity, as for any other fraction.
  const infinity = v128.load(c, 41 * 16);
  const root = f32x4.add(f32x4.sqrt(x), f32x4.splat(0));
  return v128.bitselect(infinity, root, f32x4.eq(x, f32x4.neg(infinity)));
}
