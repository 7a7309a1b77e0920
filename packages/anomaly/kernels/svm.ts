// Radial basis functions e^(-gamma |x - y|^2) of one row, or of many with their weighted sums.
import { constants } from './constants';
import { tile } from './matrix64';
import { exp2Lanes, madd2 } from './simd64';

/** norms [n] = |x|^2 of rows of d numbers. */
export function squaredNorms(n: i32, d: i32, x: usize, norms: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    let sum: f64 = 0;
    for (let f = 0; f < d; f++) {
      const v = load<f64>(x);
      sum += v * v;
      x += 8;
    }
    store<f64>(norms + (i << 3), sum);
  }
}

/**
 * k [n] (float32) = e^(-gamma |x - y|^2) of one row x and all n rows y.
 *
 * @param packed the rows y, packed by `packRows`
 * @param norms |y|^2, followed by room for three more numbers
 * @param norm |x|^2
 * @param out room for n rounded up to a multiple of 4
 */
export function rbfRow(n: i32, d: i32, x: usize, norm: f64, packed: usize, norms: usize, gamma: f64, out: usize): void {
  const c = constants;
  const scale = f64x2.splat(-gamma), own = f64x2.splat(norm), minusTwo = f64x2.splat(-2), zero = f64x2.splat(0);
  let panel = packed;
  for (let j = 0; j < n; j += 4) {
    let left = zero, right = zero;
    let at = x;
    for (let f = 0; f < d; f++) {
      const v = v128.load64_splat(at);
      left = madd2(v, v128.load(panel), left);
      right = madd2(v, v128.load(panel, 16), right);
      at += 8;
      panel += 32;
    }
    left = madd2(left, minusTwo, f64x2.add(own, v128.load(norms)));
    right = madd2(right, minusTwo, f64x2.add(own, v128.load(norms, 16)));
    left = exp2Lanes(f64x2.mul(scale, f64x2.pmax(left, zero)), c);
    right = exp2Lanes(f64x2.mul(scale, f64x2.pmax(right, zero)), c);
    v128.store(out, i64x2.shuffle(f32x4.demote_f64x2_zero(left), f32x4.demote_f64x2_zero(right), 0, 2));
    norms += 32;
    out += 16;
  }
}

/** dots [n] (float32) = x . y of one row x and all n rows y; parameters as for `rbfRow`. */
export function dotRow(n: i32, d: i32, x: usize, packed: usize, out: usize): void {
  let panel = packed;
  for (let j = 0; j < n; j += 4) {
    let left = f64x2.splat(0), right = left;
    let at = x;
    for (let f = 0; f < d; f++) {
      const v = v128.load64_splat(at);
      left = madd2(v, v128.load(panel), left);
      right = madd2(v, v128.load(panel, 16), right);
      at += 8;
      panel += 32;
    }
    v128.store(out, i64x2.shuffle(f32x4.demote_f64x2_zero(left), f32x4.demote_f64x2_zero(right), 0, 2));
    out += 16;
  }
}

/**
 * out [m] = sum over n support vectors s of weight e^(-gamma |x - s|^2).
 *
 * @param packed the support vectors, packed by `packRows`
 * @param norms [n] and up to three more: |s|^2
 * @param weights [n] and up to three more, which are 0
 * @param scratch 256 bytes
 */
export function rbfSums(m: i32, n: i32, d: i32, x: usize, packed: usize, norms: usize, weights: usize, gamma: f64, out: usize, scratch: usize): void {
  const row = <usize>d << 3;
  const c = constants;
  const scale = f64x2.splat(-gamma), minusTwo = f64x2.splat(-2), zero = f64x2.splat(0);
  for (let i = 0; i < m; i += 4) {
    const rows = min(4, m - i);
    const x1 = rows > 1 ? x + row : x, x2 = rows > 2 ? x + 2 * row : x, x3 = rows > 3 ? x + 3 * row : x;
    squaredNorms(rows, d, x, scratch + 128);
    const sums = scratch + 160; // [4, 2]
    memory.fill(sums, 0, 64);
    let panel = packed, norm = norms, weight = weights;
    for (let j = 0; j < n; j += 4) {
      tile(d, x, x1, x2, x3, panel, scratch);
      const n0 = v128.load(norm), n1 = v128.load(norm, 16);
      const w0 = v128.load(weight), w1 = v128.load(weight, 16);
      for (let r: usize = 0; r < <usize>rows; r++) {
        const own = v128.load64_splat(scratch + 128 + (r << 3));
        let left = madd2(v128.load(scratch + (r << 5)), minusTwo, f64x2.add(own, n0));
        let right = madd2(v128.load(scratch + (r << 5), 16), minusTwo, f64x2.add(own, n1));
        left = exp2Lanes(f64x2.mul(scale, f64x2.pmax(left, zero)), c);
        right = exp2Lanes(f64x2.mul(scale, f64x2.pmax(right, zero)), c);
        v128.store(sums + (r << 4), madd2(w1, right, madd2(w0, left, v128.load(sums + (r << 4)))));
      }
      panel += row << 2;
      norm += 32;
      weight += 32;
    }
    for (let r: usize = 0; r < <usize>rows; r++) {
      store<f64>(out + (r << 3), load<f64>(sums + (r << 4)) + load<f64>(sums + (r << 4), 8));
    }
    x += row << 2;
    out += 32;
  }
}
