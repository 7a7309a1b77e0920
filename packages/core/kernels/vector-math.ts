import { constants } from './constants';
import { loadTail, madd, storeTail } from './simd';

// Functions of four lanes, to be inlined into the loops of other kernels. `c` is the constant table: read the global
// `constants` once before the loop. NaN passes through every one of them: pmin and pmax, one instruction each where min
// and max are nine, return their first argument when it is NaN.

/** tanh x, absolute error below 4e-7. */
// @ts-ignore: decorator
@inline
export function tanh4(x0: v128, c: usize): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, v128.load(c)), v128.load(c, 16));
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

/** e^x, relative error below 2e-7, gradual underflow included; Infinity above 88.72. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128, c: usize): v128 {
  return expOf(
    x,
    v128.load(c, 27 * 16),
    v128.load(c, 28 * 16),
    v128.load(c, 16 * 16),
    v128.load(c, 17 * 16),
    v128.load(c, 18 * 16),
    v128.load(c, 19 * 16),
    v128.load(c, 20 * 16),
    v128.load(c, 21 * 16),
    v128.load(c, 22 * 16),
    v128.load(c, 23 * 16),
    v128.load(c, 24 * 16),
    v128.load(c, 60 * 16),
    v128.load(c, 26 * 16),
  );
}

/** e^x with the constants given: a loop that does nothing else keeps them in registers, which is a fifth faster. */
// @ts-ignore: decorator
@inline
function expOf(
  x0: v128,
  least: v128,
  most: v128,
  scale: v128,
  shift: v128,
  ln2High: v128,
  ln2Low: v128,
  c7: v128,
  c6: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  one: v128,
): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, least), most);
  // e^x = 2^h 2^h e^r with |r| <= ln 2: the root 2^h of the power of two always is a normal number, from which both
  // denormals and Infinity come out right. Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  const shifted = madd(x, scale, shift);
  const h = f32x4.sub(shifted, shift);
  const r = madd(h, ln2Low, madd(h, ln2High, x));
  const root = i32x4.add(i32x4.shl(shifted, 23), one);
  const p = f32x4.add(expm1Near0(r, c7, c6, c5, c4, c3, c2), one);
  return f32x4.mul(f32x4.mul(p, root), root);
}

/** e^r - 1 for |r| <= ln 2 */
// @ts-ignore: decorator
@inline
function expm1Near0(r: v128, c7: v128, c6: v128, c5: v128, c4: v128, c3: v128, c2: v128): v128 {
  let p = madd(r, c7, c6);
  p = madd(r, p, c5);
  p = madd(r, p, c4);
  p = madd(r, p, c3);
  p = madd(r, p, c2);
  return madd(f32x4.mul(r, r), p, r);
}

/** e^x - 1, relative error below 5e-7, also next to 0. */
// @ts-ignore: decorator
@inline
export function expm14(x: v128, c: usize): v128 {
  const far = f32x4.sub(exp4(x, c), v128.load(c, 26 * 16));
  const isNear = f32x4.le(f32x4.abs(x), v128.load(c, 29 * 16));
  const near = expm1Near0(
    x,
    v128.load(c, 20 * 16),
    v128.load(c, 21 * 16),
    v128.load(c, 22 * 16),
    v128.load(c, 23 * 16),
    v128.load(c, 24 * 16),
    v128.load(c, 60 * 16),
  );
  return v128.bitselect(near, far, isNear);
}

/** ln x, relative error below 1.5e-7, denormals included; -Infinity at 0, NaN below. */
// @ts-ignore: decorator
@inline
export function log4(x: v128, c: usize): v128 {
  if (areNormal(x, v128.load(c, 30 * 16), v128.load(c, 61 * 16))) return logOf(x, x, x, false, c);
  const isDenormal = f32x4.lt(x, v128.load(c, 30 * 16));
  const normal = v128.bitselect(f32x4.mul(x, v128.load(c, 31 * 16)), x, isDenormal);
  const offset = v128.and(v128.load(c, 32 * 16), isDenormal);
  return logSpecials(x, logOf(normal, f32x4.splat(0), offset, true, c), c);
}

/** ln(1 + x), relative error below 2.5e-7, also next to 0; -Infinity at -1, NaN below. */
// @ts-ignore: decorator
@inline
export function log1p4(x: v128, c: usize): v128 {
  const one = v128.load(c, 26 * 16);
  const u = f32x4.add(one, x);
  // What the rounding of 1 + x lost, to first order.
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, one)), u);
  const y = logOf(u, lost, f32x4.splat(0), true, c);
  return areNormal(u, v128.load(c, 30 * 16), v128.load(c, 61 * 16)) ? y : logSpecials(u, y, c);
}

/** Whether all four are positive, finite and no denormals. */
// @ts-ignore: decorator
@inline
function areNormal(u: v128, least: v128, span: v128): bool {
  return !v128.any_true(i32x4.ge_u(i32x4.sub(u, least), span));
}

/** ln u of normal, finite, positive u; where `corrected`, ln u + lost - offset ln 2. */
// @ts-ignore: decorator
@inline
function logOf(u: v128, lost: v128, offset: v128, corrected: bool, c: usize): v128 {
  const k = exponent(u, v128.load(c, 33 * 16));
  const e = f32x4.convert_i32x4_s(k);
  const y = logOfRest(
    i32x4.sub(u, i32x4.shl(k, 23)),
    v128.load(c, 26 * 16),
    v128.load(c, 34 * 16),
    v128.load(c, 35 * 16),
    v128.load(c, 36 * 16),
    v128.load(c, 37 * 16),
    v128.load(c, 38 * 16),
  );
  return addExponent(
    corrected ? f32x4.add(y, lost) : y,
    corrected ? f32x4.sub(e, offset) : e,
    v128.load(c, 40 * 16),
    v128.load(c, 39 * 16),
  );
}

/** k of u = 2^k m with m in [sqrt 1/2, sqrt 2) */
// @ts-ignore: decorator
@inline
function exponent(u: v128, sqrtHalf: v128): v128 {
  return i32x4.shr_s(i32x4.sub(u, sqrtHalf), 23);
}

/** ln m = 2 artanh s = 2 s + s^3 (c0 + c1 s^2 + ...), s = (m - 1) / (m + 1), m in [sqrt 1/2, sqrt 2) */
// @ts-ignore: decorator
@inline
function logOfRest(m: v128, one: v128, two: v128, c3: v128, c2: v128, c1: v128, c0: v128): v128 {
  const f = f32x4.sub(m, one);
  const s = f32x4.div(f, f32x4.add(f, two));
  const z = f32x4.mul(s, s);
  let p = madd(z, c3, c2);
  p = madd(z, p, c1);
  p = madd(z, p, c0);
  return madd(f32x4.mul(s, z), p, f32x4.add(s, s));
}

/** y + e ln 2 */
// @ts-ignore: decorator
@inline
function addExponent(y: v128, e: v128, ln2Low: v128, ln2High: v128): v128 {
  return madd(e, ln2High, madd(e, ln2Low, y));
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
  return madd(f32x4.add(s, s), p, f32x4.pmax(x, f32x4.splat(0)));
}

/** erf x = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x, absolute error below 4e-7. */
// @ts-ignore: decorator
@inline
export function erf4(x0: v128, c: usize): v128 {
  const x = f32x4.pmin(f32x4.pmax(x0, v128.load(c, 46 * 16)), v128.load(c, 47 * 16));
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
  return f32x4.pmax(f32x4.pmin(f32x4.div(p, q), one), f32x4.neg(one));
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
  const least = v128.load(c, 27 * 16);
  const most = v128.load(c, 28 * 16);
  const scale = v128.load(c, 16 * 16);
  const shift = v128.load(c, 17 * 16);
  const ln2High = v128.load(c, 18 * 16);
  const ln2Low = v128.load(c, 19 * 16);
  const c7 = v128.load(c, 20 * 16);
  const c6 = v128.load(c, 21 * 16);
  const c5 = v128.load(c, 22 * 16);
  const c4 = v128.load(c, 23 * 16);
  const c3 = v128.load(c, 24 * 16);
  const c2 = v128.load(c, 60 * 16);
  const one = v128.load(c, 26 * 16);
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    v128.store(y, expOf(v128.load(x), least, most, scale, shift, ln2High, ln2Low, c7, c6, c5, c4, c3, c2, one));
  }
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
  // Constants in registers, as for exp.
  const least = v128.load(c, 30 * 16);
  const span = v128.load(c, 61 * 16);
  const sqrtHalf = v128.load(c, 33 * 16);
  const one = v128.load(c, 26 * 16);
  const two = v128.load(c, 34 * 16);
  const c3 = v128.load(c, 35 * 16);
  const c2 = v128.load(c, 36 * 16);
  const c1 = v128.load(c, 37 * 16);
  const c0 = v128.load(c, 38 * 16);
  const ln2Low = v128.load(c, 40 * 16);
  const ln2High = v128.load(c, 39 * 16);
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const u = v128.load(x);
    if (areNormal(u, least, span)) {
      const k = exponent(u, sqrtHalf);
      const p = logOfRest(i32x4.sub(u, i32x4.shl(k, 23)), one, two, c3, c2, c1, c0);
      v128.store(y, addExponent(p, f32x4.convert_i32x4_s(k), ln2Low, ln2High));
    } else {
      v128.store(y, log4(u, c));
    }
  }
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

/** y[i] = sqrt x[i] */
export function squareRoot(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.sqrt(v128.load(x)));
  if (n > 0) storeTail(y, f32x4.sqrt(loadTail(x, n, 0)), n);
}

/** y[i] = 1 / sqrt x[i] */
export function reciprocalRoot(x: usize, y: usize, n: i32): void {
  const one = v128.load(constants, 26 * 16);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.div(one, f32x4.sqrt(v128.load(x))));
  if (n > 0) storeTail(y, f32x4.div(one, f32x4.sqrt(loadTail(x, n, 1))), n);
}

/** y[i] = -1, 0 or 1, as x[i] is below, at or above 0; NaN stays NaN */
export function sign(x: usize, y: usize, n: i32): void {
  const one = v128.load(constants, 26 * 16);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, sign4(v128.load(x), one));
  if (n > 0) storeTail(y, sign4(loadTail(x, n, 0), one), n);
}

// @ts-ignore: decorator
@inline
function sign4(x: v128, one: v128): v128 {
  const zero = f32x4.splat(0);
  const s = f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
  return v128.or(s, f32x4.ne(x, x)); // all ones is a NaN
}
