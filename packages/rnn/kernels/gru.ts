// The gated recurrent unit over whole sequences (Cho et al. 2014), in the form and gate order of PyTorch, where the
// reset gate comes after the product:
//
//   r = sigmoid(x Wr + h Ur + br)     n = tanh(x Wn + bn + r (h Un + cn))
//   z = sigmoid(x Wz + h Uz + bz)     h' = (1 - z) n + z h
import { constants } from '@dl/core/kernels/constants';
import { gemm, gemmPacked, packB, packedSize } from '@dl/core/kernels/gemm';
import { sigmoid4, tanh4 } from '@dl/core/kernels/vector-math';
import { addProduct, mulRow, rowAt } from './sequence';

/** Bytes of scratch memory for the product of a step. */
const STEP_SCRATCH: usize = 256;

/** Bytes of scratch memory for `gruForward` and `gruBackward`. */
export function gruScratch(batch: i32, hidden: i32): usize {
  const recurrent = <usize>max(packedSize(3 * hidden, hidden), packedSize(hidden, 3 * hidden)) << 2;
  return STEP_SCRATCH + recurrent + (<usize>(batch * 4 * hidden) << 2);
}

/**
 * Forward over all steps.
 *
 * @param gates [rows, 4 * hidden] on entry the input projection in the first three: r, z, n, with the input bias; on
 *   return n, r, z and the recurrent part of n, h Un + cn
 * @param bias [3 * hidden] the recurrent bias, or 0
 * @param mask [batch, hidden] what the hidden states are multiplied by on their way into the gates, or 0
 */
export function gruForward(
  steps: i32, sizes: usize, batch: i32, hidden: i32, weight: usize, bias: usize, mask: usize, h0: usize,
  gates: usize, h: usize, scratch: usize,
): void {
  const packed = scratch + STEP_SCRATCH;
  const recurrent = packed + (<usize>packedSize(3 * hidden, hidden) << 2); // [batch, 3 * hidden]
  const masked = recurrent + (<usize>(batch * 3 * hidden) << 2); // [batch, hidden]
  const gateRow = <usize>(4 * hidden) << 2;
  const recurrentRow = <usize>(3 * hidden) << 2;
  const row = <usize>hidden << 2;
  packB(1, 3 * hidden, hidden, weight, hidden, packed);
  let before = h0;
  for (let t = 0; t < steps; t++) {
    const n = <usize>load<i32>(sizes + (<usize>t << 2));
    for (let r: usize = 0; r < n; r++) {
      if (bias) memory.copy(recurrent + r * recurrentRow, bias, recurrentRow);
    }
    if (mask) mulRow(mask, before, masked, <i32>n * hidden);
    gemmPacked(<i32>n, 3 * hidden, hidden, mask ? masked : before, hidden, packed, recurrent, 3 * hidden, bias ? 1 : 0, scratch);
    for (let r: usize = 0; r < n; r++) {
      cell(hidden, gates + r * gateRow, recurrent + r * recurrentRow, before + r * row, h + r * row);
    }
    before = h;
    gates += n * gateRow;
    h += n * row;
  }
}

/** One step of a batch: gates [batch, 4 * hidden] and recurrent [batch, 3 * hidden] are scratch memory. */
export function gruStep(
  batch: i32, inputs: i32, hidden: i32, x: usize, weightIh: usize, weightHh: usize, biasIh: usize, biasHh: usize,
  h0: usize, gates: usize, recurrent: usize, h: usize, scratch: usize,
): void {
  gemm(0, 1, batch, 3 * hidden, inputs, x, inputs, weightIh, inputs, gates, 4 * hidden, 0, biasIh, 0, 0, scratch);
  gemm(0, 1, batch, 3 * hidden, hidden, h0, hidden, weightHh, hidden, recurrent, 3 * hidden, 0, biasHh, 0, 0, scratch);
  const row = <usize>hidden << 2;
  for (let r: usize = 0; r < <usize>batch; r++) {
    cell(hidden, gates + 4 * r * row, recurrent + 3 * r * row, h0 + r * row, h + r * row);
  }
}

/** One row; the input projection r, z, n is replaced by n, r, z, and the recurrent part of n goes to the fourth place. */
function cell(hidden: i32, gates: usize, recurrent: usize, h0: usize, h: usize): void {
  const table = constants;
  const row = <usize>hidden << 2;
  let k = hidden;
  const one = f32x4.splat(1);
  for (; k >= 4; k -= 4) {
    const r = sigmoid4(f32x4.add(v128.load(gates), v128.load(recurrent)), table);
    const z = sigmoid4(f32x4.add(v128.load(gates + row), v128.load(recurrent + row)), table);
    const u = v128.load(recurrent + 2 * row);
    const n = tanh4(f32x4.add(v128.load(gates + 2 * row), f32x4.mul(r, u)), table);
    v128.store(h, f32x4.add(f32x4.mul(f32x4.sub(one, z), n), f32x4.mul(z, v128.load(h0))));
    v128.store(gates, n);
    v128.store(gates + row, r);
    v128.store(gates + 2 * row, z);
    v128.store(gates + 3 * row, u);
    gates += 16;
    recurrent += 16;
    h0 += 16;
    h += 16;
  }
  for (; k > 0; k--) {
    const r = f32x4.extract_lane(sigmoid4(f32x4.splat(load<f32>(gates) + load<f32>(recurrent)), table), 0);
    const z = f32x4.extract_lane(sigmoid4(f32x4.splat(load<f32>(gates + row) + load<f32>(recurrent + row)), table), 0);
    const u = load<f32>(recurrent + 2 * row);
    const n = f32x4.extract_lane(tanh4(f32x4.splat(load<f32>(gates + 2 * row) + r * u), table), 0);
    store<f32>(h, (1 - z) * n + z * load<f32>(h0));
    store<f32>(gates, n);
    store<f32>(gates + row, r);
    store<f32>(gates + 2 * row, z);
    store<f32>(gates + 3 * row, u);
    gates += 4;
    recurrent += 4;
    h0 += 4;
    h += 4;
  }
}

/**
 * Backward through time. On entry dh [batch, hidden] holds the gradient of the last state, on return that of the first;
 * `upstream` is the gradient of the hidden states: row r stands at index[r]. `gates` are replaced by the gradients of the
 * sums: n of the input, then r, z and n of the recurrence. The last three stand in the order of the weight, so that a
 * step is one product.
 */
export function gruBackward(
  steps: i32, sizes: usize, rows: i32, batch: i32, hidden: i32, weight: usize, mask: usize, h0: usize,
  gates: usize, h: usize, upstream: usize, index: usize, dh: usize, scratch: usize,
): void {
  const through = scratch + STEP_SCRATCH; // [batch, hidden]
  const packed = through + (<usize>(batch * hidden) << 2);
  const gateRow = <usize>(4 * hidden) << 2;
  const row = <usize>hidden << 2;
  packB(0, hidden, 3 * hidden, weight, hidden, packed);
  let end = <usize>rows;
  for (let t = steps - 1; t >= 0; t--) {
    const n = <usize>load<i32>(sizes + (<usize>t << 2));
    const start = end - n;
    const before = t == 0 ? h0 : h + (start - <usize>load<i32>(sizes + (<usize>(t - 1) << 2))) * row;
    for (let r: usize = 0; r < n; r++) {
      cellGradient(
        hidden, gates + (start + r) * gateRow, before + r * row, rowAt(upstream, index, start + r, row), dh + r * row,
      );
    }
    // dh = z dh already: what comes through the sums is added.
    const sums = gates + start * gateRow + row;
    if (mask) {
      gemmPacked(<i32>n, hidden, 3 * hidden, sums, 4 * hidden, packed, through, hidden, 0, scratch);
      addProduct(mask, through, dh, <i32>n * hidden);
    } else {
      gemmPacked(<i32>n, hidden, 3 * hidden, sums, 4 * hidden, packed, dh, hidden, 1, scratch);
    }
    end = start;
  }
}

/** The gradients of the sums over the gates, and z (dh + upstream) over dh. */
function cellGradient(hidden: i32, gates: usize, h0: usize, upstream: usize, dh: usize): void {
  const row = <usize>hidden << 2;
  const one = f32x4.splat(1);
  let k = hidden;
  for (; k >= 4; k -= 4) {
    const n = v128.load(gates), r = v128.load(gates + row), z = v128.load(gates + 2 * row), u = v128.load(gates + 3 * row);
    const d = f32x4.add(v128.load(dh), v128.load(upstream));
    const dn = f32x4.mul(f32x4.mul(d, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)));
    const dz = f32x4.mul(f32x4.mul(d, f32x4.sub(v128.load(h0), n)), f32x4.mul(z, f32x4.sub(one, z)));
    v128.store(gates, dn);
    v128.store(gates + row, f32x4.mul(f32x4.mul(dn, u), f32x4.mul(r, f32x4.sub(one, r))));
    v128.store(gates + 2 * row, dz);
    v128.store(gates + 3 * row, f32x4.mul(dn, r));
    v128.store(dh, f32x4.mul(d, z));
    gates += 16;
    h0 += 16;
    upstream += 16;
    dh += 16;
  }
  for (; k > 0; k--) {
    const n = load<f32>(gates), r = load<f32>(gates + row), z = load<f32>(gates + 2 * row), u = load<f32>(gates + 3 * row);
    const d = load<f32>(dh) + load<f32>(upstream);
    const dn = d * (1 - z) * (1 - n * n);
    store<f32>(gates, dn);
    store<f32>(gates + row, dn * u * (r * (1 - r)));
    store<f32>(gates + 2 * row, d * (load<f32>(h0) - n) * (z * (1 - z)));
    store<f32>(gates + 3 * row, dn * r);
    store<f32>(dh, d * z);
    gates += 4;
    h0 += 4;
    upstream += 4;
    dh += 4;
  }
}
