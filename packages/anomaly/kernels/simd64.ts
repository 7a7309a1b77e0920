/** a * b + c in float64; one rounding where the build has relaxed SIMD, two where it has not. */
// @ts-ignore: decorator
@inline
export function madd2(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** e^x of two lanes, x <= 0; relative error below 4e-16. `c` is the constant table. */
// @ts-ignore: decorator
@inline
export function exp2Lanes(x0: v128, c: usize): v128 {
  const x = f64x2.pmax(x0, v128.load(c));
  const shifted = madd2(x, v128.load(c, 1 * 16), v128.load(c, 2 * 16));
  const k = f64x2.sub(shifted, v128.load(c, 2 * 16));
  let r = f64x2.sub(x, f64x2.mul(k, v128.load(c, 3 * 16)));
  r = f64x2.sub(r, f64x2.mul(k, v128.load(c, 4 * 16)));
  let p = madd2(r, v128.load(c, 5 * 16), v128.load(c, 6 * 16));
  p = madd2(r, p, v128.load(c, 7 * 16));
  p = madd2(r, p, v128.load(c, 8 * 16));
  p = madd2(r, p, v128.load(c, 9 * 16));
  p = madd2(r, p, v128.load(c, 10 * 16));
  p = madd2(r, p, v128.load(c, 11 * 16));
  p = madd2(r, p, v128.load(c, 12 * 16));
  p = madd2(r, p, v128.load(c, 13 * 16));
  p = madd2(r, p, v128.load(c, 14 * 16));
  p = madd2(r, p, v128.load(c, 15 * 16));
  p = madd2(r, p, v128.load(c, 16 * 16));
  p = madd2(r, p, v128.load(c, 17 * 16));
  p = madd2(r, p, v128.load(c, 17 * 16));
  // 2^k by its exponent bits
  return f64x2.mul(p, i64x2.add(i64x2.shl(shifted, 52), v128.load(c, 18 * 16)));
}
