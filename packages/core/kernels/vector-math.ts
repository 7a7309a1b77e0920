import { constants } from './constants';
import { loadTail, madd, storeTail } from './simd';

// Functions of four lanes, to be inlined into the loops of other kernels. `c` is the constant table: read the global
// `constants` once before the loop. NaN passes through every one of them.

/** tanh x, absolute error below 4e-7. */
// @ts-ignore: decorator
@inline
export function tanh4(x0: v128, c: usize): v128 {
  const x = f32x4.min(f32x4.max(x0, v128.load(c)), v128.load(c, 16));
  const z = f32x4.mul(x, x);
  let p = madd(z, v128.load(c, 32), v128.load(c, 48));
  p = madd(z, p, v128.load(c, 64));
  p = madd(z, p, v128.load(c, 80));
  p = madd(z, p, v128.load(c, 96));
  p = madd(z, p, v128.load(c, 112));
  p = f32x4.mul(madd(z, p, v128.load(c, 128)), x);
  let q = madd(z, v128.load(c, 144), v128.load(c, 160));
  q = madd(z, q, v128.load(c, 176));
  q = madd(z, q, v128.load(c, 192));
  return f32x4.div(p, q);
}

/** e^x, relative error below 1.5e-7, gradual underflow included; Infinity above 88.72. */
// @ts-ignore: decorator
@inline
export function exp4(x0: v128, c: usize): v128 {
  const x = f32x4.min(f32x4.max(x0, v128.load(c, 27 * 16)), v128.load(c, 28 * 16));
  // e^x = 2^n e^r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  const shifted = f32x4.add(f32x4.mul(x, v128.load(c, 16 * 16)), v128.load(c, 17 * 16));
  const n = i32x4.sub(shifted, v128.load(c, 17 * 16));
  const p = expOfRest(x, shifted, c);
  // 2^n as the product of two powers: n reaches from -150 (denormals) to 128, one exponent field does not.
  const half = i32x4.shr_s(n, 1);
  const one = v128.load(c, 26 * 16);
  const a = i32x4.add(i32x4.shl(half, 23), one);
  const b = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), one);
  return f32x4.mul(f32x4.mul(p, a), b);
}

/** e^r of the rest r = x - n ln 2. */
// @ts-ignore: decorator
@inline
function expOfRest(x: v128, shifted: v128, c: usize): v128 {
  const r = rest(x, shifted, c);
  return f32x4.add(expm1OfRest(r, c), v128.load(c, 26 * 16));
}

// @ts-ignore: decorator
@inline
function rest(x: v128, shifted: v128, c: usize): v128 {
  const n = f32x4.sub(shifted, v128.load(c, 17 * 16));
  return madd(n, v128.load(c, 19 * 16), madd(n, v128.load(c, 18 * 16), x));
}

// @ts-ignore: decorator
@inline
function expm1OfRest(r: v128, c: usize): v128 {
  let p = madd(r, v128.load(c, 20 * 16), v128.load(c, 21 * 16));
  p = madd(r, p, v128.load(c, 22 * 16));
  p = madd(r, p, v128.load(c, 23 * 16));
  p = madd(r, p, v128.load(c, 24 * 16));
  p = madd(r, p, v128.load(c, 25 * 16));
  return madd(f32x4.mul(r, r), p, r);
}

/** e^x - 1, relative error below 5e-7, also next to 0. */
// @ts-ignore: decorator
@inline
export function expm14(x: v128, c: usize): v128 {
  const far = f32x4.sub(exp4(x, c), v128.load(c, 26 * 16));
  const isNear = f32x4.le(f32x4.abs(x), v128.load(c, 29 * 16));
  return v128.bitselect(expm1OfRest(x, c), far, isNear);
}

/** ln x, relative error below 1.5e-7, denormals included; -Infinity at 0, NaN below. */
// @ts-ignore: decorator
@inline
export function log4(x: v128, c: usize): v128 {
  const isDenormal = f32x4.lt(x, v128.load(c, 30 * 16));
  const normal = v128.bitselect(f32x4.mul(x, v128.load(c, 31 * 16)), x, isDenormal);
  const offset = v128.and(v128.load(c, 32 * 16), isDenormal);
  return logSpecials(x, logOf(normal, f32x4.splat(0), offset, c), c);
}

/** ln(1 + x), relative error below 2.5e-7, also next to 0; -Infinity at -1, NaN below. */
// @ts-ignore: decorator
@inline
export function log1p4(x: v128, c: usize): v128 {
  const one = v128.load(c, 26 * 16);
  const u = f32x4.add(one, x);
  // What the rounding of 1 + x lost, to first order.
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, one)), u);
  return logSpecials(u, logOf(u, lost, f32x4.splat(0), c), c);
}

/** ln u + lost - offset of normal, finite, positive u: fdlibm's logf. */
// @ts-ignore: decorator
@inline
function logOf(u: v128, lost: v128, offset: v128, c: usize): v128 {
  // u = 2^k (1 + f) with 1 + f in [sqrt 1/2, sqrt 2)
  const k = i32x4.shr_s(i32x4.sub(u, v128.load(c, 33 * 16)), 23);
  const f = f32x4.sub(i32x4.sub(u, i32x4.shl(k, 23)), v128.load(c, 26 * 16));
  const e = f32x4.sub(f32x4.convert_i32x4_s(k), offset);
  const s = f32x4.div(f, f32x4.add(f, v128.load(c, 34 * 16)));
  const z = f32x4.mul(s, s);
  let r = madd(z, v128.load(c, 35 * 16), v128.load(c, 36 * 16));
  r = madd(z, r, v128.load(c, 37 * 16));
  r = madd(z, r, v128.load(c, 38 * 16));
  r = f32x4.mul(z, r);
  const halfSquare = f32x4.mul(f32x4.mul(f, f), v128.load(c, 25 * 16));
  const small = madd(s, f32x4.add(halfSquare, r), madd(e, v128.load(c, 40 * 16), lost));
  return madd(e, v128.load(c, 39 * 16), f32x4.add(f32x4.sub(small, halfSquare), f));
}

/** The logarithm `y` of `u`, put right at 0, below it, at Infinity and NaN. */
// @ts-ignore: decorator
@inline
function logSpecials(u: v128, y: v128, c: usize): v128 {
  const zero = f32x4.splat(0);
  const infinity = v128.load(c, 41 * 16);
  const finite = v128.bitselect(y, u, f32x4.lt(u, infinity));
  const zeroed = v128.bitselect(f32x4.neg(infinity), finite, f32x4.eq(u, zero));
  return v128.or(zeroed, f32x4.lt(u, zero)); // all ones is a NaN
}

/** 1 / (1 + e^-x), relative error below 3e-7 on both sides. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128, c: usize): v128 {
  const one = v128.load(c, 26 * 16);
  const e = exp4(f32x4.neg(f32x4.abs(x)), c);
  const top = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(top, f32x4.add(one, e));
}

/** ln(1 + e^x), relative error below 4e-7 on both sides, no overflow. */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128, c: usize): v128 {
  // max(x, 0) + ln(1 + t), t = e^-|x|; ln(1 + t) = 2 artanh s, s = t / (2 + t) <= 1/3
  const t = exp4(f32x4.neg(f32x4.abs(x)), c);
  const s = f32x4.div(t, f32x4.add(t, v128.load(c, 34 * 16)));
  const z = f32x4.mul(s, s);
  let p = madd(z, v128.load(c, 42 * 16), v128.load(c, 43 * 16));
  p = madd(z, p, v128.load(c, 44 * 16));
  p = madd(z, p, v128.load(c, 45 * 16));
  p = madd(z, p, v128.load(c, 26 * 16));
  return madd(f32x4.add(s, s), p, f32x4.max(x, f32x4.splat(0)));
}

/** erf x = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x, absolute error below 4e-7. */
// @ts-ignore: decorator
@inline
export function erf4(x0: v128, c: usize): v128 {
  const x = f32x4.min(f32x4.max(x0, v128.load(c, 46 * 16)), v128.load(c, 47 * 16));
  const z = f32x4.mul(x, x);
  let p = madd(z, v128.load(c, 48 * 16), v128.load(c, 49 * 16));
  p = madd(z, p, v128.load(c, 50 * 16));
  p = madd(z, p, v128.load(c, 51 * 16));
  p = madd(z, p, v128.load(c, 52 * 16));
  p = madd(z, p, v128.load(c, 53 * 16));
  p = f32x4.mul(madd(z, p, v128.load(c, 54 * 16)), x);
  let q = madd(z, v128.load(c, 55 * 16), v128.load(c, 56 * 16));
  q = madd(z, q, v128.load(c, 57 * 16));
  q = madd(z, q, v128.load(c, 58 * 16));
  q = madd(z, q, v128.load(c, 59 * 16));
  // Near 4 the approximation exceeds 1 by a rounding.
  const one = v128.load(c, 26 * 16);
  return f32x4.max(f32x4.min(f32x4.div(p, q), one), f32x4.neg(one));
}

/** y[i] = tanh x[i] for n floats; x may be y, here and below. */
export function tanh(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, tanh4(v128.load(x), c));
  if (n > 0) storeTail(y, tanh4(loadTail(x, n, 0), c), n);
}

/** y[i] = e^x[i] */
export function exp(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, exp4(v128.load(x), c));
  if (n > 0) storeTail(y, exp4(loadTail(x, n, 0), c), n);
}

/** y[i] = e^x[i] - 1 */
export function expm1(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, expm14(v128.load(x), c));
  if (n > 0) storeTail(y, expm14(loadTail(x, n, 0), c), n);
}

/** y[i] = ln x[i] */
export function log(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, log4(v128.load(x), c));
  if (n > 0) storeTail(y, log4(loadTail(x, n, 1), c), n);
}

/** y[i] = ln(1 + x[i]) */
export function log1p(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, log1p4(v128.load(x), c));
  if (n > 0) storeTail(y, log1p4(loadTail(x, n, 0), c), n);
}

/** y[i] = 1 / (1 + e^-x[i]) */
export function sigmoid(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, sigmoid4(v128.load(x), c));
  if (n > 0) storeTail(y, sigmoid4(loadTail(x, n, 0), c), n);
}

/** y[i] = ln(1 + e^x[i]) */
export function softplus(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, softplus4(v128.load(x), c));
  if (n > 0) storeTail(y, softplus4(loadTail(x, n, 0), c), n);
}

/** y[i] = erf x[i] */
export function erf(x: usize, y: usize, n: i32): void {
  const c = constants;
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, erf4(v128.load(x), c));
  if (n > 0) storeTail(y, erf4(loadTail(x, n, 0), c), n);
}
