// The LSTM over whole sequences (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), in the form
// and gate order of PyTorch:
//
//   i = sigmoid(x Wi + h Ui + bi)     g = tanh(x Wg + h Ug + bg)     c' = f c + i g
//   f = sigmoid(x Wf + h Uf + bf)     o = sigmoid(x Wo + h Uo + bo)  h' = o tanh(c')
//
// Rows are packed as `sequence.ts` says. One product projects the inputs of all steps; a step is one product with the
// recurrent weight, packed once, and one pass over the gates.
import { constants } from '@dl/core/kernels/constants';
import { gemm, gemmPacked, packB, packedSize } from '@dl/core/kernels/gemm';
import { sigmoid4, tanh4 } from '@dl/core/kernels/vector-math';
import { addRow, mulRow, rowAt } from './sequence';

/** Bytes of scratch memory for the product of a step. */
const STEP_SCRATCH: usize = 256;

/**
 * Bytes of scratch memory for the functions below. `width` is the size of the hidden state: that of the cell, unless
 * `projected`.
 */
export function lstmScratch(batch: i32, hidden: i32, width: i32, projected: i32): usize {
  const recurrent = max(packedSize(4 * hidden, width), packedSize(width, 4 * hidden));
  const projection = projected ? max(packedSize(width, hidden), packedSize(hidden, width)) + 2 * batch * hidden : 0;
  return STEP_SCRATCH + (<usize>(recurrent + projection + batch * width) << 2);
}

/**
 * Forward over all steps.
 *
 * @param weight [4 * hidden, width] @param projection [width, hidden] from what the cell shows to the hidden state, or 0
 * @param mask [batch, width] what the hidden states are multiplied by on their way into the gates, or 0
 * @param h0 [batch, width], c0 [batch, hidden] states before the first step, in the order of the packed sequences
 * @param gates [rows, 4 * hidden] the input projection on entry, x W^T + b; the four gates on return
 * @param c [rows, hidden] cell states out
 * @param shown [rows, hidden] what the cells show, where that is projected @param h [rows, width] hidden states out
 */
export function lstmForward(
  steps: i32, sizes: usize, batch: i32, hidden: i32, width: i32, weight: usize, projection: usize, mask: usize,
  h0: usize, c0: usize, gates: usize, c: usize, shown: usize, h: usize, scratch: usize,
): void {
  const masked = scratch + STEP_SCRATCH; // [batch, width]
  const packed = masked + (<usize>(batch * width) << 2);
  const packedProjection = packed + (<usize>packedSize(4 * hidden, width) << 2);
  const gateRow = <usize>(4 * hidden) << 2;
  const row = <usize>hidden << 2;
  const hRow = <usize>width << 2;
  packB(1, 4 * hidden, width, weight, width, packed);
  if (projection) packB(1, width, hidden, projection, hidden, packedProjection);
  let hBefore = h0, cBefore = c0;
  for (let t = 0; t < steps; t++) {
    const n = load<i32>(sizes + (<usize>t << 2));
    if (mask) {
      mulRow(mask, hBefore, masked, n * width);
      hBefore = masked;
    }
    gemmPacked(n, 4 * hidden, width, hBefore, width, packed, gates, 4 * hidden, 1, scratch);
    const out = projection ? shown : h;
    for (let r: usize = 0; r < <usize>n; r++) {
      cell(hidden, gates + r * gateRow, cBefore + r * row, c + r * row, out + r * row);
    }
    if (projection) {
      gemmPacked(n, width, hidden, shown, hidden, packedProjection, h, width, 0, scratch);
      shown += <usize>n * row;
    }
    hBefore = h;
    cBefore = c;
    gates += <usize>n * gateRow;
    c += <usize>n * row;
    h += <usize>n * hRow;
  }
}

/** One step of a batch: gates [batch, 4 * hidden] is scratch memory; c [batch, hidden] and h [batch, width] come out. */
export function lstmStep(
  batch: i32, inputs: i32, hidden: i32, width: i32, x: usize, weightIh: usize, weightHh: usize, biasIh: usize, biasHh: usize,
  projection: usize, h0: usize, c0: usize, gates: usize, shown: usize, c: usize, h: usize, scratch: usize,
): void {
  gemm(0, 1, batch, 4 * hidden, inputs, x, inputs, weightIh, inputs, gates, 4 * hidden, 0, biasIh, 0, 0, scratch);
  gemm(0, 1, batch, 4 * hidden, width, h0, width, weightHh, width, gates, 4 * hidden, 1, biasHh, 0, 0, scratch);
  const gateRow = <usize>(4 * hidden) << 2;
  const row = <usize>hidden << 2;
  const out = projection ? shown : h;
  for (let r: usize = 0; r < <usize>batch; r++) {
    cell(hidden, gates + r * gateRow, c0 + r * row, c + r * row, out + r * row);
  }
  if (projection) gemm(0, 1, batch, width, hidden, shown, hidden, projection, hidden, h, width, 0, 0, 0, 0, scratch);
}

/** The gates, the new cell state and the new hidden state of one row; c may be c0, and h anything but the gates. */
export function cell(hidden: i32, gates: usize, c0: usize, c: usize, h: usize): void {
  const table = constants;
  const row = <usize>hidden << 2;
  let k = hidden;
  for (; k >= 4; k -= 4) {
    const i = sigmoid4(v128.load(gates), table);
    const f = sigmoid4(v128.load(gates + row), table);
    const g = tanh4(v128.load(gates + 2 * row), table);
    const o = sigmoid4(v128.load(gates + 3 * row), table);
    const next = f32x4.add(f32x4.mul(f, v128.load(c0)), f32x4.mul(i, g));
    v128.store(gates, i);
    v128.store(gates + row, f);
    v128.store(gates + 2 * row, g);
    v128.store(gates + 3 * row, o);
    v128.store(c, next);
    v128.store(h, f32x4.mul(o, tanh4(next, table)));
    gates += 16;
    c0 += 16;
    c += 16;
    h += 16;
  }
  for (; k > 0; k--) {
    const i = f32x4.extract_lane(sigmoid4(v128.load32_splat(gates), table), 0);
    const f = f32x4.extract_lane(sigmoid4(v128.load32_splat(gates + row), table), 0);
    const g = f32x4.extract_lane(tanh4(v128.load32_splat(gates + 2 * row), table), 0);
    const o = f32x4.extract_lane(sigmoid4(v128.load32_splat(gates + 3 * row), table), 0);
    const next = f * load<f32>(c0) + i * g;
    store<f32>(gates, i);
    store<f32>(gates + row, f);
    store<f32>(gates + 2 * row, g);
    store<f32>(gates + 3 * row, o);
    store<f32>(c, next);
    store<f32>(h, o * f32x4.extract_lane(tanh4(f32x4.splat(next), table), 0));
    gates += 4;
    c0 += 4;
    c += 4;
    h += 4;
  }
}

/**
 * Backward through time. On entry dh [batch, width] and dc [batch, hidden] hold the gradients of the last states, and on
 * return those of the first ones. `upstream` is the gradient of the hidden states: row r stands at index[r]. Where they
 * are projected it is packed [rows, width] and index 0, and the gradients from the later steps are added to it. `gates`
 * are replaced by the gradients of their sums.
 */
export function lstmBackward(
  steps: i32, sizes: usize, rows: i32, batch: i32, hidden: i32, width: i32, weight: usize, projection: usize, mask: usize,
  c0: usize, gates: usize, c: usize, upstream: usize, index: usize, dh: usize, dc: usize, scratch: usize,
): void {
  const packed = scratch + STEP_SCRATCH;
  const packedProjection = packed + (<usize>packedSize(width, 4 * hidden) << 2);
  const dShown = packedProjection + (<usize>packedSize(hidden, width) << 2); // [batch, hidden]
  const gateRow = <usize>(4 * hidden) << 2;
  const row = <usize>hidden << 2;
  const hRow = <usize>width << 2;
  const zeros = dShown + <usize>batch * row; // [batch, hidden]
  packB(0, width, 4 * hidden, weight, width, packed);
  if (projection) {
    packB(0, hidden, width, projection, hidden, packedProjection);
    memory.fill(zeros, 0, <usize>batch * row);
  }
  let end = <usize>rows;
  for (let t = steps - 1; t >= 0; t--) {
    const n = <usize>load<i32>(sizes + (<usize>t << 2));
    const start = end - n;
    const cBefore = t == 0 ? c0 : c + (start - <usize>load<i32>(sizes + (<usize>(t - 1) << 2))) * row;
    let dLater = dh;
    if (projection) {
      const dOut = upstream + start * hRow;
      addRow(dh, dOut, <i32>n * width);
      gemmPacked(<i32>n, hidden, width, dOut, width, packedProjection, dShown, hidden, 0, scratch);
      dLater = zeros;
    }
    for (let r: usize = 0; r < n; r++) {
      cellGradient(
        hidden, gates + (start + r) * gateRow, cBefore + r * row, c + (start + r) * row,
        projection ? dShown + r * row : rowAt(upstream, index, start + r, row), dLater + r * row, dc + r * row,
      );
    }
    gemmPacked(<i32>n, width, 4 * hidden, gates + start * gateRow, 4 * hidden, packed, dh, width, 0, scratch);
    if (mask) mulRow(mask, dh, dh, <i32>n * width);
    end = start;
  }
}

/** dgates over the gates, dc over dc, from dh + upstream. */
export function cellGradient(hidden: i32, gates: usize, c0: usize, c: usize, upstream: usize, dh: usize, dc: usize): void {
  const table = constants;
  const row = <usize>hidden << 2;
  const one = f32x4.splat(1);
  let k = hidden;
  for (; k >= 4; k -= 4) {
    const i = v128.load(gates), f = v128.load(gates + row), g = v128.load(gates + 2 * row), o = v128.load(gates + 3 * row);
    const t = tanh4(v128.load(c), table);
    const d = f32x4.add(v128.load(dh), v128.load(upstream));
    const cell = f32x4.add(v128.load(dc), f32x4.mul(f32x4.mul(d, o), f32x4.sub(one, f32x4.mul(t, t))));
    v128.store(gates, f32x4.mul(f32x4.mul(cell, g), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(gates + row, f32x4.mul(f32x4.mul(cell, v128.load(c0)), f32x4.mul(f, f32x4.sub(one, f))));
    v128.store(gates + 2 * row, f32x4.mul(f32x4.mul(cell, i), f32x4.sub(one, f32x4.mul(g, g))));
    v128.store(gates + 3 * row, f32x4.mul(f32x4.mul(d, t), f32x4.mul(o, f32x4.sub(one, o))));
    v128.store(dc, f32x4.mul(cell, f));
    gates += 16;
    c0 += 16;
    c += 16;
    upstream += 16;
    dh += 16;
    dc += 16;
  }
  for (; k > 0; k--) {
    const i = load<f32>(gates), f = load<f32>(gates + row), g = load<f32>(gates + 2 * row), o = load<f32>(gates + 3 * row);
    const t = f32x4.extract_lane(tanh4(v128.load32_splat(c), table), 0);
    const d = load<f32>(dh) + load<f32>(upstream);
    const cell = load<f32>(dc) + d * o * (1 - t * t);
    store<f32>(gates, cell * g * (i * (1 - i)));
    store<f32>(gates + row, cell * load<f32>(c0) * (f * (1 - f)));
    store<f32>(gates + 2 * row, cell * i * (1 - g * g));
    store<f32>(gates + 3 * row, d * t * (o * (1 - o)));
    store<f32>(dc, cell * f);
    gates += 4;
    c0 += 4;
    c += 4;
    upstream += 4;
    dh += 4;
    dc += 4;
  }
}
