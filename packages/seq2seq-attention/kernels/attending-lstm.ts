// An LSTM that looks at a source before each of its steps (Bahdanau et al. 2015), over all steps of a known target:
//
//   q[t] = h[t-1] Wq + bq      w[t] = softmax of v . tanh(q[t] + keys)      context[t] = w[t] memory
//   h[t], c[t] = LSTM(x[t] Wx + context[t] Wc + h[t-1] U + b, h[t-1], c[t-1])
//
// Rows stand step by step, row t * batch + b, so that the states that a step starts from are the rows before its own, and
// the gradient of each weight is one product over the rows of all steps.
import { gemm, gemmPacked, gemmScratch, packB, packedSize } from '@dl/core/kernels/gemm';
import { madd } from '@dl/core/kernels/simd';
import { cell, cellGradient } from '@dl/rnn/kernels/lstm';
import { addRow } from '@dl/rnn/kernels/sequence';
import { score, scoreGradient } from './additive';
import { scale } from './masked-softmax';
import { dot } from './scaled-dot-product';
import { roomOf, rowSum, softmaxRow } from './softmax-row';

/** Fewer rows than these are multiplied by a weight as it lies; it is packed for more, unless there is one step alone. */
const PACKED_ROWS: i32 = 4;

/** Bytes of scratch memory for the two functions below. */
export function attendingLstmScratch(
  steps: i32, batch: i32, keys: i32, inputs: i32, features: i32, hidden: i32, compared: i32,
): usize {
  const gates = 4 * hidden;
  const most = max(max(steps * batch, gates), max(max(inputs, features), max(compared, keys)));
  const packed =
    max(packedSize(compared, hidden), packedSize(hidden, compared)) +
    max(packedSize(gates, features), packedSize(features, gates)) +
    max(packedSize(gates, hidden), packedSize(hidden, gates));
  return gemmScratch(most, most, most) + (<usize>(packed + roomOf(keys)) << 2);
}

/** y[j, i, :] = x[i, j, :] for x [a, b, width]. */
export function swapRows(x: usize, a: i32, b: i32, width: i32, y: usize): void {
  const row = <usize>width << 2;
  for (let i: usize = 0; i < <usize>a; i++) {
    for (let j: usize = 0; j < <usize>b; j++) {
      memory.copy(y + (j * <usize>a + i) * row, x, row);
      x += row;
    }
  }
}

/**
 * Forward over all steps.
 *
 * @param x [steps, batch, inputs] @param memory [batch, keys, features] @param projected [batch, keys, compared]
 * @param mask [batch, keys], 0 for keys that do not count; or 0
 * @param weightIh [4 * hidden, inputs + features] @param weightHh [4 * hidden, hidden] @param bias [4 * hidden], or 0
 * @param weightQ [compared, hidden] @param biasQ [compared], or 0 @param v [compared]
 * @param h [steps + 1, batch, hidden] @param c of the same shape: the first states on entry, those of all steps on return
 * @param gates [steps, batch, 4 * hidden] @param queries [steps, batch, compared] @param contexts [steps, batch, features]
 * @param weights [batch, steps, keys] out
 */
export function attendingLstm(
  steps: i32, batch: i32, keys: i32, inputs: i32, features: i32, hidden: i32, compared: i32,
  x: usize, memory_: usize, projected: usize, mask: usize, weightIh: usize, weightHh: usize, bias: usize,
  weightQ: usize, biasQ: usize, v: usize, h: usize, c: usize, gates: usize, queries: usize, contexts: usize,
  weights: usize, scratch: usize,
): void {
  const sums = 4 * hidden, columns = inputs + features;
  const weightC = weightIh + (<usize>inputs << 2);
  const row = <usize>hidden << 2, gateRow = row << 2, keyRow = <usize>compared << 2, valueRow = <usize>features << 2;
  const s = scratch;
  const packedQ = s + (<usize>roomOf(keys) << 2);
  const packedC = packedQ + (<usize>packedSize(compared, hidden) << 2);
  const packedH = packedC + (<usize>packedSize(sums, features) << 2);
  const product = packedH + (<usize>packedSize(sums, hidden) << 2);
  const packs = steps > 1 && batch >= PACKED_ROWS;
  if (packs) {
    packB(1, compared, hidden, weightQ, hidden, packedQ);
    packB(1, sums, features, weightC, columns, packedC);
    packB(1, sums, hidden, weightHh, hidden, packedH);
  }
  gemm(0, 1, steps * batch, sums, inputs, x, inputs, weightIh, columns, gates, sums, 0, bias, 0, 0, product);
  for (let t = 0; t < steps; t++) {
    if (packs) {
      fillWithRow(queries, batch, compared, biasQ);
      gemmPacked(batch, compared, hidden, h, hidden, packedQ, queries, compared, 1, product);
      gemmPacked(batch, sums, hidden, h, hidden, packedH, gates, sums, 1, product);
    } else {
      gemm(0, 1, batch, compared, hidden, h, hidden, weightQ, hidden, queries, compared, 0, biasQ, 0, 0, product);
      gemm(0, 1, batch, sums, hidden, h, hidden, weightHh, hidden, gates, sums, 1, 0, 0, 0, product);
    }
    for (let b = 0; b < batch; b++) {
      const first = <usize>(b * keys);
      look(
        keys, features, compared, queries + <usize>b * keyRow, projected + first * keyRow, memory_ + first * valueRow,
        mask ? mask + (first << 2) : 0, v, s, contexts + <usize>b * valueRow,
      );
      memory.copy(weights + (<usize>((b * steps + t) * keys) << 2), s, <usize>keys << 2);
    }
    if (packs) gemmPacked(batch, sums, features, contexts, features, packedC, gates, sums, 1, product);
    else gemm(0, 1, batch, sums, features, contexts, features, weightC, columns, gates, sums, 1, 0, 0, 0, product);
    const block = <usize>batch * row;
    for (let b: usize = 0; b < <usize>batch; b++) {
      cell(hidden, gates + b * gateRow, c + b * row, c + block + b * row, h + block + b * row);
    }
    h += block;
    c += block;
    gates += <usize>batch * gateRow;
    queries += <usize>batch * keyRow;
    contexts += <usize>batch * valueRow;
  }
}

/** The weights s of one row, and what they find. */
function look(
  keys: i32, features: i32, compared: i32, q: usize, key: usize, value: usize, mask: usize, v: usize, s: usize, found: usize,
): void {
  const keyRow = <usize>compared << 2, valueRow = <usize>features << 2;
  for (let j: usize = 0; j < <usize>keys; j++) {
    const hidden = mask != 0 && load<f32>(mask + (j << 2)) == 0;
    store<f32>(s + (j << 2), hidden ? -Infinity : score(compared, q, key + j * keyRow, v));
  }
  softmaxRow(s, keys);
  scale(s, roomOf(keys), 1 / rowSum);
  memory.fill(found, 0, valueRow);
  for (let j: usize = 0; j < <usize>keys; j++) {
    const w = load<f32>(s + (j << 2));
    if (w != 0) addScaled(features, w, value + j * valueRow, found);
  }
}

/**
 * The gradients. On entry dContexts [steps, batch, features] holds those that come from elsewhere, dh and dc [batch, hidden]
 * those of the last states; on return dh and dc are those of the first ones. `gates` are replaced by the gradients of their
 * sums. dBias and dBiasQ may be 0.
 *
 * @param dHiddens [steps, batch, hidden] @param dWeights [batch, steps, keys] @param dQueries [steps, batch, compared] out
 */
export function attendingLstmGradient(
  steps: i32, batch: i32, keys: i32, inputs: i32, features: i32, hidden: i32, compared: i32,
  x: usize, memory_: usize, projected: usize, weightIh: usize, weightHh: usize, weightQ: usize, v: usize,
  h: usize, c: usize, gates: usize, queries: usize, contexts: usize, weights: usize,
  dHiddens: usize, dContexts: usize, dWeights: usize, dh: usize, dc: usize, dQueries: usize, dx: usize, dMemory: usize,
  dProjected: usize, dWeightIh: usize, dWeightHh: usize, dBias: usize, dWeightQ: usize, dBiasQ: usize, dv: usize,
  scratch: usize,
): void {
  const sums = 4 * hidden, columns = inputs + features, rows = steps * batch;
  const row = <usize>hidden << 2, gateRow = row << 2, keyRow = <usize>compared << 2, valueRow = <usize>features << 2;
  const s = scratch;
  const packedQ = s + (<usize>roomOf(keys) << 2);
  const packedC = packedQ + (<usize>packedSize(hidden, compared) << 2);
  const packedH = packedC + (<usize>packedSize(features, sums) << 2);
  const product = packedH + (<usize>packedSize(hidden, sums) << 2);
  packB(0, hidden, compared, weightQ, hidden, packedQ);
  packB(0, features, sums, weightIh + (<usize>inputs << 2), columns, packedC);
  packB(0, hidden, sums, weightHh, hidden, packedH);
  memory.fill(dQueries, 0, <usize>rows * keyRow);
  memory.fill(dProjected, 0, <usize>(batch * keys) * keyRow);
  memory.fill(dv, 0, keyRow);
  for (let t = steps - 1; t >= 0; t--) {
    const at = <usize>(t * batch);
    const dGates = gates + at * gateRow, dContext = dContexts + at * valueRow, dQuery = dQueries + at * keyRow;
    for (let b: usize = 0; b < <usize>batch; b++) {
      const r = at + b;
      cellGradient(
        hidden, gates + r * gateRow, c + r * row, c + (r + <usize>batch) * row, dHiddens + r * row, dh + b * row, dc + b * row,
      );
    }
    gemmPacked(batch, features, sums, dGates, sums, packedC, dContext, features, 1, product);
    gemmPacked(batch, hidden, sums, dGates, sums, packedH, dh, hidden, 0, product);
    for (let b = 0; b < batch; b++) {
      const r = at + <usize>b;
      const first = <usize>(b * keys);
      const weightRow = <usize>((b * steps + t) * keys) << 2;
      lookGradient(
        keys, features, compared, queries + r * keyRow, projected + first * keyRow, memory_ + first * valueRow, v,
        weights + weightRow, dWeights + weightRow, dContexts + r * valueRow, s,
        dQueries + r * keyRow, dProjected + first * keyRow, dv,
      );
    }
    gemmPacked(batch, hidden, compared, dQuery, compared, packedQ, dh, hidden, 1, product);
  }
  gemm(0, 0, rows, inputs, sums, gates, sums, weightIh, columns, dx, inputs, 0, 0, 0, 0, product);
  gemm(1, 0, sums, inputs, rows, gates, sums, x, inputs, dWeightIh, columns, 0, 0, 0, 0, product);
  const dWeightC = dWeightIh + (<usize>inputs << 2);
  gemm(1, 0, sums, features, rows, gates, sums, contexts, features, dWeightC, columns, 0, 0, 0, 0, product);
  gemm(1, 0, sums, hidden, rows, gates, sums, h, hidden, dWeightHh, hidden, 0, 0, 0, 0, product);
  gemm(1, 0, compared, hidden, rows, dQueries, compared, h, hidden, dWeightQ, hidden, 0, 0, 0, 0, product);
  if (dBias) sumRows(gates, rows, sums, dBias);
  if (dBiasQ) sumRows(dQueries, rows, compared, dBiasQ);
  for (let b: usize = 0; b < <usize>batch; b++) {
    const first = b * <usize>keys;
    gemm(
      1, 0, keys, features, steps, weights + ((first * <usize>steps) << 2), keys, dContexts + b * valueRow, batch * features,
      dMemory + first * valueRow, features, 0, 0, 0, 0, product,
    );
  }
}

/** The gradients of one row's query, keys and v, from that of what it found and those of its weights. */
function lookGradient(
  keys: i32, features: i32, compared: i32, q: usize, key: usize, value: usize, v: usize, weights: usize, dWeights: usize,
  dFound: usize, d: usize, dq: usize, dKey: usize, dv: usize,
): void {
  const keyRow = <usize>compared << 2, valueRow = <usize>features << 2;
  let total: f32 = 0;
  for (let j: usize = 0; j < <usize>keys; j++) {
    const w = load<f32>(weights + (j << 2));
    if (w == 0) continue;
    const dw = load<f32>(dWeights + (j << 2)) + dot(dFound, value + j * valueRow, features);
    store<f32>(d + (j << 2), dw);
    total += w * dw;
  }
  for (let j: usize = 0; j < <usize>keys; j++) {
    const w = load<f32>(weights + (j << 2));
    if (w == 0) continue;
    const ds = w * (load<f32>(d + (j << 2)) - total);
    if (ds != 0) scoreGradient(compared, ds, q, key + j * keyRow, v, dq, dKey + j * keyRow, dv);
  }
}

/** Each of `rows` rows of x becomes `row`, or zeros where that is 0. */
function fillWithRow(x: usize, rows: i32, width: i32, row: usize): void {
  const bytes = <usize>width << 2;
  for (; rows > 0; rows--, x += bytes) {
    if (row) memory.copy(x, row, bytes);
    else memory.fill(x, 0, bytes);
  }
}

/** sum[:] = the sum of the rows of x. */
function sumRows(x: usize, rows: i32, width: i32, sum: usize): void {
  memory.fill(sum, 0, <usize>width << 2);
  for (; rows > 0; rows--, x += <usize>width << 2) addRow(x, sum, width);
}

/** y += a x for n floats. */
// @ts-ignore: decorator
@inline
function addScaled(n: i32, a: f32, x: usize, y: usize): void {
  const factor = f32x4.splat(a);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, madd(factor, v128.load(x), v128.load(y)));
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, load<f32>(y) + a * load<f32>(x));
}
