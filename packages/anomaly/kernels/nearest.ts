// Nearest neighbours: all pairs by a matrix product in float32, of which each row keeps its best candidates as they come
// out of the registers; the candidates' distances are then computed in float64, and a bound on the error of the product
// proves that no other row can be nearer. Where it cannot be proved (many equal distances, huge numbers), the row is
// searched in float64. The answer is that of a search in float64.
import { gemmPacked, packB, packedSize } from '@dl/core/kernels/gemm';

/** Training rows and queries that one product covers. */
const COLUMNS: i32 = 512;
const ROWS: i32 = 48;
/** Floats between the rows of a product: not a power of two, whose rows would share places in the cache. */
const STRIDE: i32 = 520;

/** Rounding error of float32: 2^-24. */
const UNIT: f64 = 5.9604644775390625e-8;
/** What underflow in float32 may lose. */
const TINY: f64 = 3e-45;

/** Bytes of the packed form of n training rows with d features. */
export function packedTraining(n: i32, d: i32): usize {
  const blocks = <usize>(n / COLUMNS);
  const rest = n % COLUMNS;
  return (blocks * <usize>packedSize(COLUMNS, d + 1) + <usize>packedSize(rest, d + 1)) << 2;
}

/** Packs training rows for `nearest`: centred, in float32, with -|y|^2 / 2 beside each. Needs 512 (d + 1) floats of scratch. */
export function packTraining(n: i32, d: i32, y: usize, center: usize, packed: usize, scratch: usize): void {
  for (let j = 0; j < n; j += COLUMNS) {
    const columns = min(COLUMNS, n - j);
    for (let i = 0; i < columns; i++) {
      const to = scratch + ((<usize>i * <usize>(d + 1)) << 2);
      const norm = centred(d, y + ((<usize>(j + i) * <usize>d) << 3), center, to);
      store<f32>(to + (<usize>d << 2), <f32>(-0.5 * norm));
    }
    packB(1, columns, d + 1, scratch, d + 1, packed);
    packed += <usize>packedSize(columns, d + 1) << 2;
  }
}

/** Writes a row less the centre as float32, and gives its squared length in float64. */
function centred(d: i32, row: usize, center: usize, to: usize): f64 {
  let norm: f64 = 0;
  for (let f: usize = 0; f < <usize>d; f++) {
    const v = load<f64>(row + (f << 3)) - load<f64>(center + (f << 3));
    store<f32>(to + (f << 2), <f32>v);
    norm += v * v;
  }
  return norm;
}

/** Bytes of scratch memory that `nearest` needs for `kept` candidates a row. */
export function nearestScratch(d: i32, kept: i32): usize {
  const product = <usize>ROWS * <usize>STRIDE;
  const queries = <usize>ROWS * <usize>(d + 1);
  const heaps = <usize>ROWS * <usize>kept * 2;
  return ((product + queries + heaps) << 2) + (<usize>ROWS << 3) + (<usize>ROWS << 2) + 512;
}

/**
 * The k nearest of n training rows y [n, d] for each of m queries x [m, d], by Euclidean distance, nearest first and by
 * index among equals.
 *
 * @param packed what `packTraining` made of y
 * @param center [d] subtracted before the product: near the data, else the product loses digits
 * @param first index of the training row that query 0 is, where queries are training rows and do not count as their own
 *   neighbours; else -1
 * @param kept candidates a row keeps, above k
 * @param distances [m, k] float64, for the results
 * @param indices [m, k] int32
 * @returns how many rows had to be searched in float64
 */
export function nearest(
  m: i32, n: i32, d: i32, x: usize, y: usize, packed: usize, center: usize, first: i32, k: i32, kept: i32,
  distances: usize, indices: usize, scratch: usize,
): i32 {
  const product = scratch + 256;
  const queries = product + ((<usize>ROWS * <usize>STRIDE) << 2);
  const values = queries + ((<usize>ROWS * <usize>(d + 1)) << 2);
  const places = values + ((<usize>ROWS * <usize>kept) << 2);
  const norms = (places + ((<usize>ROWS * <usize>kept) << 2) + 7) & ~7;
  const counts = norms + (<usize>ROWS << 3);
  let searched = 0;

  for (let i = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    for (let r = 0; r < rows; r++) {
      const to = queries + ((<usize>r * <usize>(d + 1)) << 2);
      store<f64>(norms + (<usize>r << 3), centred(d, x + ((<usize>(i + r) * <usize>d) << 3), center, to));
      store<f32>(to + (<usize>d << 2), 1);
      store<i32>(counts + (<usize>r << 2), 0);
    }
    let panel = packed;
    for (let j = 0; j < n; j += COLUMNS) {
      const columns = min(COLUMNS, n - j);
      // x . y - |y|^2 / 2, the largest where |x - y| is smallest
      gemmPackedBlock(rows, columns, d + 1, queries, panel, product, scratch);
      for (let r = 0; r < rows; r++) {
        const count = keepBest(
          product + ((<usize>r * <usize>STRIDE) << 2), columns, j, first < 0 ? -1 : first + i + r,
          values + ((<usize>r * <usize>kept) << 2), places + ((<usize>r * <usize>kept) << 2),
          load<i32>(counts + (<usize>r << 2)), kept,
        );
        store<i32>(counts + (<usize>r << 2), count);
      }
      panel += <usize>packedSize(columns, d + 1) << 2;
    }
    for (let r = 0; r < rows; r++) {
      const row = x + ((<usize>(i + r) * <usize>d) << 3);
      const own = first < 0 ? -1 : first + i + r;
      const count = load<i32>(counts + (<usize>r << 2));
      const at = places + ((<usize>r * <usize>kept) << 2);
      const toDistance = distances + ((<usize>(i + r) * <usize>k) << 3);
      const toIndex = indices + ((<usize>(i + r) * <usize>k) << 2);
      let proved = count == kept || count == n - (own < 0 ? 0 : 1);
      if (proved) {
        let found = 0;
        for (let c = 0; c < count; c++) {
          const index = load<i32>(at + (<usize>c << 2));
          found = insert(squared(d, row, y + ((<usize>index * <usize>d) << 3)), index, toDistance, toIndex, found, k);
        }
        if (count == kept) {
          const worst = <f64>load<f32>(values + ((<usize>r * <usize>kept) << 2));
          const norm = load<f64>(norms + (<usize>r << 3));
          const farthest = load<f64>(toDistance + (<usize>(k - 1) << 3));
          // A training row longer than |x| + r is farther than r from x, so the error matters up to that length only.
          const length = sqrt(norm);
          const reach = length + sqrt(farthest);
          const size = length * reach + 0.5 * reach * reach;
          const error = <f64>(d + 8) * (2 * UNIT * size + TINY * (1 + length + reach));
          proved = size < 1e37 && norm - 2 * worst - error > farthest; // beyond 1e37 the product may have overflowed
        }
      }
      if (!proved) {
        searched++;
        let found = 0;
        for (let j = 0; j < n; j++) {
          if (j != own) found = insert(squared(d, row, y + ((<usize>j * <usize>d) << 3)), j, toDistance, toIndex, found, k);
        }
      }
      for (let c: usize = 0; c < <usize>k; c++) store<f64>(toDistance + (c << 3), sqrt(load<f64>(toDistance + (c << 3))));
    }
  }
  return searched;
}

function gemmPackedBlock(m: i32, n: i32, k: i32, a: usize, packed: usize, c: usize, scratch: usize): void {
  gemmPacked(m, n, k, a, k, packed, c, STRIDE, 0, scratch);
}

/** Goes through a row of the product; the `kept` largest values lie in a heap whose root is the least of them. */
function keepBest(row: usize, n: i32, offset: i32, own: i32, values: usize, places: usize, count: i32, kept: i32): i32 {
  let j = 0;
  for (; count < kept && j < n; j++) count = offer(load<f32>(row + (<usize>j << 2)), offset + j, own, values, places, count, kept);
  if (count == kept) {
    let limit = load<f32>(values);
    for (; j < n && j & 15; j++) {
      offer(load<f32>(row + (<usize>j << 2)), offset + j, own, values, places, count, kept);
      limit = load<f32>(values);
    }
    let limits = f32x4.splat(limit);
    for (; j + 16 <= n; j += 16) {
      const at = row + (<usize>j << 2);
      const v0 = f32x4.gt(v128.load(at), limits), v1 = f32x4.gt(v128.load(at, 16), limits);
      const v2 = f32x4.gt(v128.load(at, 32), limits), v3 = f32x4.gt(v128.load(at, 48), limits);
      if (!v128.any_true(v128.or(v128.or(v0, v1), v128.or(v2, v3)))) continue;
      let mask = i32x4.bitmask(v0) | (i32x4.bitmask(v1) << 4) | (i32x4.bitmask(v2) << 8) | (i32x4.bitmask(v3) << 12);
      while (mask) {
        const lane = ctz(mask);
        mask &= mask - 1;
        offer(load<f32>(at + (<usize>lane << 2)), offset + j + lane, own, values, places, count, kept);
      }
      limits = f32x4.splat(load<f32>(values));
    }
  }
  for (; j < n; j++) count = offer(load<f32>(row + (<usize>j << 2)), offset + j, own, values, places, count, kept);
  return count;
}

// @ts-ignore: decorator
@inline
function offer(value: f32, place: i32, own: i32, values: usize, places: usize, count: i32, kept: i32): i32 {
  if (place == own || value != value) return count;
  if (count < kept) {
    let at = count;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = load<f32>(values + (<usize>parent << 2));
      if (above <= value) break;
      move(values, places, parent, at);
      at = parent;
    }
    store<f32>(values + (<usize>at << 2), value);
    store<i32>(places + (<usize>at << 2), place);
    return count + 1;
  }
  if (value > load<f32>(values)) replaceRoot(value, place, values, places, kept);
  return count;
}

function replaceRoot(value: f32, place: i32, values: usize, places: usize, kept: i32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= kept) break;
    let least = load<f32>(values + (<usize>child << 2));
    if (child + 1 < kept) {
      const right = load<f32>(values + (<usize>(child + 1) << 2));
      if (right < least) {
        least = right;
        child++;
      }
    }
    if (least >= value) break;
    move(values, places, child, at);
    at = child;
  }
  store<f32>(values + (<usize>at << 2), value);
  store<i32>(places + (<usize>at << 2), place);
}

// @ts-ignore: decorator
@inline
function move(values: usize, places: usize, from: i32, to: i32): void {
  store<f32>(values + (<usize>to << 2), load<f32>(values + (<usize>from << 2)));
  store<i32>(places + (<usize>to << 2), load<i32>(places + (<usize>from << 2)));
}

/** |x - y|^2 in float64: even and odd features are added up apart, then together. */
// @ts-ignore: decorator
@inline
function squared(d: i32, x: usize, y: usize): f64 {
  let sums = f64x2.splat(0);
  let f = 0;
  for (; f + 2 <= d; f += 2) {
    const difference = f64x2.sub(v128.load(x), v128.load(y));
    sums = f64x2.add(sums, f64x2.mul(difference, difference));
    x += 16;
    y += 16;
  }
  let even = f64x2.extract_lane(sums, 0);
  if (f < d) {
    const difference = load<f64>(x) - load<f64>(y);
    even += difference * difference;
  }
  return even + f64x2.extract_lane(sums, 1);
}

/** Puts a distance into a list sorted by distance, then index, of at most k. */
// @ts-ignore: decorator
@inline
function insert(distance: f64, index: i32, distances: usize, indices: usize, found: i32, k: i32): i32 {
  let at = found < k ? found : k;
  if (at == k) {
    const last = load<f64>(distances + (<usize>(k - 1) << 3));
    if (distance > last || (distance == last && index > load<i32>(indices + (<usize>(k - 1) << 2)))) return found;
    at = k - 1;
  }
  while (at > 0) {
    const before = load<f64>(distances + (<usize>(at - 1) << 3));
    const place = load<i32>(indices + (<usize>(at - 1) << 2));
    if (before < distance || (before == distance && place < index)) break;
    store<f64>(distances + (<usize>at << 3), before);
    store<i32>(indices + (<usize>at << 2), place);
    at--;
  }
  store<f64>(distances + (<usize>at << 3), distance);
  store<i32>(indices + (<usize>at << 2), index);
  return min(found + 1, k);
}
