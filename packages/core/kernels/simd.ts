/** a * b + c; one rounding where the build has relaxed SIMD, two where it has not. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Loads the last n (1 to 3) floats of a row; the other lanes are `fill`. */
// @ts-ignore: decorator
@inline
export function loadTail(address: usize, n: i32, fill: f32): v128 {
  let v = f32x4.replace_lane(f32x4.splat(fill), 0, load<f32>(address));
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(address, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(address, 8));
  return v;
}

/** Stores the first n (1 to 3) lanes. */
// @ts-ignore: decorator
@inline
export function storeTail(address: usize, v: v128, n: i32): void {
  store<f32>(address, f32x4.extract_lane(v, 0));
  if (n > 1) store<f32>(address, f32x4.extract_lane(v, 1), 4);
  if (n > 2) store<f32>(address, f32x4.extract_lane(v, 2), 8);
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const pairs = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  const pairs = f32x4.pmax(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}
