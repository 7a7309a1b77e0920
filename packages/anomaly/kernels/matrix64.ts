// Products of matrices in float64, by tiles of 4 rows and 4 columns that stay in registers.
import { madd2 } from './simd64';

/** Bytes of the packed form of n rows of k numbers: panels of 4 rows, [ceil(n / 4)][k][4]. */
export function panelBytes(n: i32, k: i32): usize {
  return (<usize>((n + 3) & ~3) * <usize>k) << 3;
}

/** Packs b [n, k] into panels of 4 rows; rows past the end are 0. */
export function packRows(n: i32, k: i32, b: usize, to: usize): void {
  const row = <usize>k << 3;
  for (let j = 0; j < n; j += 4) {
    const rows = min(4, n - j);
    for (let p: usize = 0; p < row; p += 8) {
      for (let r = 0; r < 4; r++) store<f64>(to + (<usize>r << 3), r < rows ? load<f64>(b + <usize>r * row + p) : 0);
      to += 32;
    }
    b += row << 2;
  }
}

/** out [4, 4] = rows a0..a3, each of k numbers, times a panel. */
// @ts-ignore: decorator
@inline
export function tile(k: i32, a0: usize, a1: usize, a2: usize, a3: usize, panel: usize, out: usize): void {
  let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (; k > 0; k--) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let v = v128.load64_splat(a0);
    c00 = madd2(v, b0, c00);
    c01 = madd2(v, b1, c01);
    v = v128.load64_splat(a1);
    c10 = madd2(v, b0, c10);
    c11 = madd2(v, b1, c11);
    v = v128.load64_splat(a2);
    c20 = madd2(v, b0, c20);
    c21 = madd2(v, b1, c21);
    v = v128.load64_splat(a3);
    c30 = madd2(v, b0, c30);
    c31 = madd2(v, b1, c31);
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    panel += 32;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out, c10, 32);
  v128.store(out, c11, 48);
  v128.store(out, c20, 64);
  v128.store(out, c21, 80);
  v128.store(out, c30, 96);
  v128.store(out, c31, 112);
}

/** c [m, n] = a [m, k] times the transpose of b [n, k], which `packRows` has packed. Needs 128 bytes of scratch memory. */
export function products(m: i32, n: i32, k: i32, a: usize, packed: usize, c: usize, scratch: usize): void {
  const row = <usize>k << 3;
  for (let i = 0; i < m; i += 4) {
    const rows = min(4, m - i);
    const a1 = rows > 1 ? a + row : a, a2 = rows > 2 ? a + 2 * row : a, a3 = rows > 3 ? a + 3 * row : a;
    let panel = packed;
    for (let j = 0; j < n; j += 4) {
      tile(k, a, a1, a2, a3, panel, scratch);
      const columns = min(4, n - j);
      for (let r = 0; r < rows; r++) {
        memory.copy(c + ((<usize>r * <usize>n + <usize>j) << 3), scratch + (<usize>r << 5), <usize>columns << 3);
      }
      panel += row << 2;
    }
    a += row << 2;
    c += (<usize>n << 3) * 4;
  }
}

/** Bytes of scratch memory that `squaredLengths` needs. */
export function squaredLengthsScratch(d: i32): usize {
  return 128 + (<usize>d << 5) + 64;
}

/**
 * out [m] = |W (x - center)|^2 for each row x of d numbers: Mahalanobis distances, with W the whitening matrix.
 *
 * @param w rows of W [p, d], packed by `packRows`
 * @param triangular whether W is lower triangular, of which only that half is read
 */
export function squaredLengths(m: i32, d: i32, p: i32, x: usize, center: usize, w: usize, triangular: i32, out: usize, scratch: usize): void {
  const row = <usize>d << 3;
  const centred = scratch + 128;
  for (let i = 0; i < m; i += 4) {
    const rows = min(4, m - i);
    for (let r: usize = 0; r < 4; r++) {
      const from = x + min<usize>(r, rows - 1) * row;
      const to = centred + r * row;
      for (let f: usize = 0; f < row; f += 8) store<f64>(to + f, load<f64>(from + f) - load<f64>(center + f));
    }
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let panel = w;
    for (let j = 0; j < p; j += 4) {
      const depth = triangular ? min(d, j + 4) : d;
      tile(depth, centred, centred + row, centred + 2 * row, centred + 3 * row, panel, scratch);
      s0 = addSquares(scratch, s0);
      s1 = addSquares(scratch + 32, s1);
      s2 = addSquares(scratch + 64, s2);
      s3 = addSquares(scratch + 96, s3);
      panel += row << 2;
    }
    store<f64>(out, f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1));
    if (rows > 1) store<f64>(out, f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1), 8);
    if (rows > 2) store<f64>(out, f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1), 16);
    if (rows > 3) store<f64>(out, f64x2.extract_lane(s3, 0) + f64x2.extract_lane(s3, 1), 24);
    x += row << 2;
    out += 32;
  }
}

// @ts-ignore: decorator
@inline
function addSquares(at: usize, sum: v128): v128 {
  const left = v128.load(at), right = v128.load(at, 16);
  return madd2(right, right, madd2(left, left, sum));
}

/** Rows of which `scatter` adds up the products before it touches memory. */
const BLOCK: i32 = 64;

/** Bytes of scratch memory that `scatter` needs. */
export function scatterScratch(d: i32): usize {
  const wide = <usize>((d + 3) & ~3);
  return 128 + ((<usize>BLOCK * wide + wide * wide) << 3);
}

/**
 * mean [d] and s [d, d]: of rows x, the mean and the sum of (x - mean) (x - mean)^T.
 *
 * @param m how many rows
 * @param indices [m] int32: which rows of x, or 0 for the first m
 * @param weights [m] float64: not negative, by which rows count, or 0 for all alike
 * @param given whether `mean` is given, and not computed
 * @returns the sum of the weights
 */
export function scatter(m: i32, d: i32, x: usize, indices: usize, weights: usize, given: i32, mean: usize, s: usize, scratch: usize): f64 {
  const wide = (d + 3) & ~3;
  const row = <usize>d << 3, wideRow = <usize>wide << 3;
  const block = scratch + 128;
  const sums = block + (<usize>BLOCK * wideRow);
  let total: f64 = 0;
  for (let i = 0; i < m; i++) total += weights ? load<f64>(weights + (<usize>i << 3)) : 1;
  if (!given) {
    memory.fill(mean, 0, row);
    for (let i = 0; i < m; i++) {
      const from = x + <usize>(indices ? load<i32>(indices + (<usize>i << 2)) : i) * row;
      const weight = weights ? load<f64>(weights + (<usize>i << 3)) : 1;
      if (weight == 0) continue;
      for (let f: usize = 0; f < row; f += 8) store<f64>(mean + f, load<f64>(mean + f) + weight * load<f64>(from + f));
    }
    for (let f: usize = 0; f < row; f += 8) store<f64>(mean + f, load<f64>(mean + f) / total);
  }
  memory.fill(sums, 0, <usize>wide * wideRow);
  memory.fill(block, 0, <usize>BLOCK * wideRow);
  // Rows that do not count are left out: where clusters lie apart, those are most rows of each.
  let rows = 0;
  for (let i = 0; i < m; i++) {
    const scale = weights ? sqrt(load<f64>(weights + (<usize>i << 3))) : 1;
    if (scale != 0) {
      const from = x + <usize>(indices ? load<i32>(indices + (<usize>i << 2)) : i) * row;
      const to = block + <usize>rows * wideRow;
      for (let f: usize = 0; f < row; f += 8) store<f64>(to + f, scale * (load<f64>(from + f) - load<f64>(mean + f)));
      rows++;
    }
    if (rows < BLOCK && i < m - 1) continue;
    for (let a = 0; a < wide; a += 4) {
      for (let b = 0; b <= a; b += 4) {
        outer(rows, block + (<usize>a << 3), block + (<usize>b << 3), wideRow, sums + <usize>a * wideRow + (<usize>b << 3));
      }
    }
    rows = 0;
  }
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      const sum = load<f64>(sums + <usize>a * wideRow + (<usize>b << 3));
      store<f64>(s + <usize>a * row + (<usize>b << 3), sum);
      store<f64>(s + <usize>b * row + (<usize>a << 3), sum);
    }
  }
  return total;
}

/** c [4, 4] += the sum over rows of a (4 numbers) times b (4 numbers). */
// @ts-ignore: decorator
@inline
function outer(rows: i32, a: usize, b: usize, stride: usize, c: usize): void {
  let c00 = v128.load(c), c01 = v128.load(c, 16);
  const c1 = c + stride, c2 = c1 + stride, c3 = c2 + stride;
  let c10 = v128.load(c1), c11 = v128.load(c1, 16);
  let c20 = v128.load(c2), c21 = v128.load(c2, 16);
  let c30 = v128.load(c3), c31 = v128.load(c3, 16);
  for (; rows > 0; rows--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let v = v128.load64_splat(a);
    c00 = madd2(v, b0, c00);
    c01 = madd2(v, b1, c01);
    v = v128.load64_splat(a, 8);
    c10 = madd2(v, b0, c10);
    c11 = madd2(v, b1, c11);
    v = v128.load64_splat(a, 16);
    c20 = madd2(v, b0, c20);
    c21 = madd2(v, b1, c21);
    v = v128.load64_splat(a, 24);
    c30 = madd2(v, b0, c30);
    c31 = madd2(v, b1, c31);
    a += stride;
    b += stride;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
}
