// Scaled dot-product attention without a matrix of time x time: a block of query rows at a time, whose scores stay in the
// second-level cache. The forward pass keeps one number a row, ln of the sum of its exponentials; from it the gradient
// makes the weights again. Heads lie side by side in a row, [batch, time, heads * width], and are never moved.
//
// Rabe and Staats: Self-attention Does Not Need O(n^2) Memory, 2021; Dao et al.: FlashAttention, 2022.
import { gemm, gemmScratch } from '@dl/core/kernels/gemm';
import { sumLanes } from '@dl/core/kernels/simd';
import { bitsHigh, bitsLow, threefry4 } from '@dl/core/kernels/threefry';
import { hide } from './masked-softmax';
import { fillRow, roomOf, rowSum, softmaxAgain, softmaxRow } from './softmax-row';

/** Floats of scores that a block may have: 256 KB. */
const BLOCK: i32 = 65536;

/** Query rows of a block. */
// @ts-ignore: decorator
@inline
function blockRows(queries: i32, keys: i32): i32 {
  return min(queries, max(8, min(128, BLOCK / max(1, keys))));
}

/** Bytes of scratch memory for the two functions below. */
export function attendScratch(queries: i32, keys: i32, width: i32, valueWidth: i32): usize {
  const rows = blockRows(queries, keys);
  const widest = max(width, valueWidth);
  const product = max(max(gemmScratch(rows, keys, widest), gemmScratch(rows, widest, keys)), gemmScratch(keys, widest, rows));
  return (<usize>(2 * rows * roomOf(keys)) << 2) + product;
}

/**
 * y = softmax(scale q k^T + bias + relative) v for each head. Head h of the queries looks at head h / (heads / kvHeads) of
 * keys and values.
 *
 * @param q [batch, queries, heads * width] @param k [batch, keys, kvHeads * width] @param v [batch, keys, kvHeads * valueWidth]
 * @param causal whether query i sees no key behind i + offset @param limits [batch] i32, the keys that count
 * @param mask [batch, keys], 0 for keys that do not count; or 0 @param bias [batch or 1, heads or 1, queries, keys], or 0,
 *   with the floats to the next batch and head @param relative [heads, 2 * reach + 1] by distance, or 0
 * @param threshold a weight is dropped where its random word is below; 0: none @param keep factor of the others
 * @param logSums [batch, heads, queries] out
 */
export function attend(
  batch: i32, queries: i32, keys: i32, heads: i32, kvHeads: i32, width: i32, valueWidth: i32, scale: f32,
  causal: i32, offset: i32, q: usize, k: usize, v: usize, limits: usize, mask: usize,
  bias: usize, biasBatch: i32, biasHead: i32, relative: usize, reach: i32,
  key0: i32, key1: i32, threshold: i32, keep: f32, y: usize, logSums: usize, scratch: usize,
): void {
  const rows = blockRows(queries, keys);
  const room = roomOf(keys);
  const product = scratch + (<usize>(2 * rows * room) << 2);
  const qRow = heads * width, kRow = kvHeads * width, vRow = kvHeads * valueWidth, yRow = heads * valueWidth;
  for (let b = 0; b < batch; b++) {
    const limit = load<i32>(limits + (<usize>b << 2));
    const maskRow = mask ? mask + (<usize>(b * keys) << 2) : 0;
    for (let h = 0; h < heads; h++) {
      const group = h / (heads / kvHeads);
      const keyHead = k + (<usize>(b * keys * kRow + group * width) << 2);
      const valueHead = v + (<usize>(b * keys * vRow + group * valueWidth) << 2);
      const table = relative ? relative + (<usize>(h * (2 * reach + 1)) << 2) : 0;
      for (let from = 0; from < queries; from += rows) {
        const m = min(rows, queries - from);
        const n = visible(limit, causal, from + m - 1 + offset);
        const out = y + (<usize>((b * queries + from) * yRow + h * valueWidth) << 2);
        gemm(
          0, 1, m, n, width, q + (<usize>((b * queries + from) * qRow + h * width) << 2), qRow, keyHead, kRow, scratch, room,
          0, 0, 0, 0, product,
        );
        for (let r = 0; r < m; r++) {
          const i = from + r;
          const s = scratch + (<usize>(r * room) << 2);
          const seen = visible(limit, causal, i + offset);
          const row = (b * heads + h) * queries + i;
          finishScores(s, seen, scale, maskRow, biasRow(bias, biasBatch, biasHead, b, h, i, keys), table, reach, i + offset);
          store<f32>(logSums + (<usize>row << 2), softmaxRow(s, seen));
          const sum = rowSum;
          fillRow(s, seen, n, 0);
          if (threshold) dropRow(s, seen, row * room, key0, key1, threshold, keep / sum);
          else scaleRow(s, seen, 1 / sum);
        }
        gemm(0, 0, m, valueWidth, n, scratch, room, valueHead, vRow, out, yRow, 0, 0, 0, 0, product);
      }
    }
  }
}

/** The gradients of `attend`; dBias and dRelative may be 0, and are zeros on entry otherwise. */
export function attendGradient(
  batch: i32, queries: i32, keys: i32, heads: i32, kvHeads: i32, width: i32, valueWidth: i32, scale: f32,
  causal: i32, offset: i32, q: usize, k: usize, v: usize, limits: usize, mask: usize,
  bias: usize, biasBatch: i32, biasHead: i32, relative: usize, reach: i32,
  key0: i32, key1: i32, threshold: i32, keep: f32, y: usize, logSums: usize,
  dy: usize, dq: usize, dk: usize, dv: usize, dBias: usize, dRelative: usize, scratch: usize,
): void {
  const rows = blockRows(queries, keys);
  const room = roomOf(keys);
  const dWeights = scratch + (<usize>(rows * room) << 2);
  const product = scratch + (<usize>(2 * rows * room) << 2);
  const qRow = heads * width, kRow = kvHeads * width, vRow = kvHeads * valueWidth, yRow = heads * valueWidth;
  memory.fill(dk, 0, <usize>(batch * keys * kRow) << 2);
  memory.fill(dv, 0, <usize>(batch * keys * vRow) << 2);
  for (let b = 0; b < batch; b++) {
    const limit = load<i32>(limits + (<usize>b << 2));
    const maskRow = mask ? mask + (<usize>(b * keys) << 2) : 0;
    for (let h = 0; h < heads; h++) {
      const group = h / (heads / kvHeads);
      const keyAt = <usize>(b * keys * kRow + group * width) << 2;
      const valueAt = <usize>(b * keys * vRow + group * valueWidth) << 2;
      const tableAt = <usize>(h * (2 * reach + 1)) << 2;
      for (let from = 0; from < queries; from += rows) {
        const m = min(rows, queries - from);
        const n = visible(limit, causal, from + m - 1 + offset);
        const queryAt = <usize>((b * queries + from) * qRow + h * width) << 2;
        const outAt = <usize>((b * queries + from) * yRow + h * valueWidth) << 2;
        gemm(0, 1, m, n, width, q + queryAt, qRow, k + keyAt, kRow, scratch, room, 0, 0, 0, 0, product);
        gemm(0, 1, m, n, valueWidth, dy + outAt, yRow, v + valueAt, vRow, dWeights, room, 0, 0, 0, 0, product);
        for (let r = 0; r < m; r++) {
          const i = from + r;
          const s = scratch + (<usize>(r * room) << 2);
          const d = dWeights + (<usize>(r * room) << 2);
          const seen = visible(limit, causal, i + offset);
          const row = (b * heads + h) * queries + i;
          const position = i + offset;
          const table = relative ? relative + tableAt : 0;
          finishScores(s, seen, scale, maskRow, biasRow(bias, biasBatch, biasHead, b, h, i, keys), table, reach, position);
          softmaxAgain(s, seen, load<f32>(logSums + (<usize>row << 2)));
          fillRow(d, seen, roomOf(seen), 0);
          const total = dot(y + outAt + (<usize>(r * yRow) << 2), dy + outAt + (<usize>(r * yRow) << 2), valueWidth);
          weightGradient(s, d, seen, total, row * room, key0, key1, threshold, keep);
          if (dBias) addTo(biasRow(dBias, biasBatch, biasHead, b, h, i, keys), d, seen);
          if (dRelative) addByDistance(dRelative + tableAt, d, seen, reach, position);
          scaleRow(d, seen, scale);
          fillRow(s, seen, n, 0);
          fillRow(d, seen, n, 0);
        }
        gemm(1, 0, n, valueWidth, m, scratch, room, dy + outAt, yRow, dv + valueAt, vRow, 1, 0, 0, 0, product);
        gemm(1, 0, n, width, m, dWeights, room, q + queryAt, qRow, dk + keyAt, kRow, 1, 0, 0, 0, product);
        gemm(0, 0, m, width, n, dWeights, room, k + keyAt, kRow, dq + queryAt, qRow, 0, 0, 0, 0, product);
      }
    }
  }
}

/** How many keys a query at this place sees. */
// @ts-ignore: decorator
@inline
function visible(limit: i32, causal: i32, place: i32): i32 {
  return causal ? max(0, min(limit, place + 1)) : limit;
}

// @ts-ignore: decorator
@inline
function biasRow(bias: usize, biasBatch: i32, biasHead: i32, b: i32, h: i32, i: i32, keys: i32): usize {
  return bias ? bias + (<usize>(b * biasBatch + h * biasHead + i * keys) << 2) : 0;
}

/** s = scale s + bias + relative, -Infinity where the mask is 0. */
// @ts-ignore: decorator
@inline
function finishScores(s: usize, n: i32, scale: f32, mask: usize, bias: usize, table: usize, reach: i32, place: i32): void {
  scaleRow(s, n, scale);
  if (bias) addTo(s, bias, n);
  if (table) addDistances(s, n, table, reach, place);
  if (mask) hide(s, n, mask);
}

/** s[j] += table[reach + (j - place)], the distance no more than `reach` either way. */
function addDistances(s: usize, n: i32, table: usize, reach: i32, place: i32): void {
  const first = min(n, max(0, place - reach)), last = min(n, max(0, place + reach + 1));
  const before = load<f32>(table), behind = load<f32>(table + (<usize>(2 * reach) << 2));
  for (let j = 0; j < first; j++) store<f32>(s + (<usize>j << 2), load<f32>(s + (<usize>j << 2)) + before);
  addTo(s + (<usize>first << 2), table + (<usize>(reach + first - place) << 2), last - first);
  for (let j = last; j < n; j++) store<f32>(s + (<usize>j << 2), load<f32>(s + (<usize>j << 2)) + behind);
}

/** The gradient of the table: each distance gathers what was given to it. */
function addByDistance(table: usize, d: usize, n: i32, reach: i32, place: i32): void {
  const first = min(n, max(0, place - reach)), last = min(n, max(0, place + reach + 1));
  let before: f32 = 0, behind: f32 = 0;
  for (let j = 0; j < first; j++) before += load<f32>(d + (<usize>j << 2));
  for (let j = last; j < n; j++) behind += load<f32>(d + (<usize>j << 2));
  addTo(table + (<usize>(reach + first - place) << 2), d + (<usize>first << 2), last - first);
  store<f32>(table, load<f32>(table) + before);
  const end = table + (<usize>(2 * reach) << 2);
  store<f32>(end, load<f32>(end) + behind);
}

/** x[i] += y[i]. */
// @ts-ignore: decorator
@inline
function addTo(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
  for (; n > 0; n--, x += 4, y += 4) store<f32>(x, load<f32>(x) + load<f32>(y));
}

/** x *= factor for n floats and their room. */
// @ts-ignore: decorator
@inline
function scaleRow(x: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let i = roomOf(n); i > 0; i -= 4, x += 16) v128.store(x, f32x4.mul(v128.load(x), f));
}

// @ts-ignore: decorator
@inline
export function dot(x: usize, y: usize, n: i32): f32 {
  let sum = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16, y += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(x), v128.load(y)));
  let total = sumLanes(sum);
  for (; n > 0; n--, x += 4, y += 4) total += load<f32>(x) * load<f32>(y);
  return total;
}

/** Drops weights: x = x factor where the random word is at least the threshold. Rows begin at multiples of eight words. */
function dropRow(x: usize, n: i32, first: i32, key0: i32, key1: i32, threshold: i32, factor: f32): void {
  const limit = i32x4.splat(threshold);
  const f = f32x4.splat(factor);
  let counter = first >>> 1;
  for (let i = roomOf(n); i > 0; i -= 8, counter += 4, x += 32) {
    threefry4(key0, key1, counter);
    v128.store(x, v128.and(f32x4.mul(v128.load(x), f), i32x4.ge_u(bitsLow, limit)));
    v128.store(x, v128.and(f32x4.mul(v128.load(x, 16), f), i32x4.ge_u(bitsHigh, limit)), 16);
  }
}

/** From weights p and the gradient d of the dropped weights: d = p (d - total), the gradient of the scores, and p dropped. */
function weightGradient(
  p: usize, d: usize, n: i32, total: f32, first: i32, key0: i32, key1: i32, threshold: i32, keep: f32,
): void {
  const mean = f32x4.splat(total);
  if (threshold) {
    // The weights before dropping are needed for the gradient, so they are dropped behind it.
    dropRow(d, n, first, key0, key1, threshold, keep);
  }
  let at: usize = 0;
  for (let i = roomOf(n); i > 0; i -= 4, at += 16) {
    v128.store(d + at, f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(d + at), mean)));
  }
  if (threshold) dropRow(p, n, first, key0, key1, threshold, keep);
}
