// The plain recurrent network over whole sequences (Elman 1990): h' = act(x W + h U + b), act = tanh or relu.
import { constants } from '@dl/core/kernels/constants';
import { gemm, gemmPacked, packB, packedSize } from '@dl/core/kernels/gemm';
import { tanh4 } from '@dl/core/kernels/vector-math';
import { mulRow, rowAt } from './sequence';

/** Bytes of scratch memory for the product of a step. */
const STEP_SCRATCH: usize = 256;

/** Bytes of scratch memory for `rnnForward` and `rnnBackward`. */
export function rnnScratch(batch: i32, hidden: i32): usize {
  return STEP_SCRATCH + (<usize>(packedSize(hidden, hidden) + batch * hidden) << 2);
}

/**
 * Forward over all steps; h [rows, hidden] holds the input projection on entry and the hidden states on return.
 *
 * @param mask [batch, hidden] what the hidden states are multiplied by on their way into the sums, or 0
 */
export function rnnForward(
  steps: i32, sizes: usize, batch: i32, hidden: i32, weight: usize, mask: usize, h0: usize, h: usize, relu: i32,
  scratch: usize,
): void {
  const masked = scratch + STEP_SCRATCH; // [batch, hidden]
  const packed = masked + (<usize>(batch * hidden) << 2);
  const row = <usize>hidden << 2;
  packB(1, hidden, hidden, weight, hidden, packed);
  let before = h0;
  for (let t = 0; t < steps; t++) {
    const n = load<i32>(sizes + (<usize>t << 2));
    if (mask) mulRow(mask, before, masked, n * hidden);
    gemmPacked(n, hidden, hidden, mask ? masked : before, hidden, packed, h, hidden, 1, scratch);
    activateAll(h, n * hidden, relu);
    before = h;
    h += <usize>n * row;
  }
}

/** One step of a batch. */
export function rnnStep(
  batch: i32, inputs: i32, hidden: i32, x: usize, weightIh: usize, weightHh: usize, biasIh: usize, biasHh: usize,
  h0: usize, h: usize, relu: i32, scratch: usize,
): void {
  gemm(0, 1, batch, hidden, inputs, x, inputs, weightIh, inputs, h, hidden, 0, biasIh, 0, 0, scratch);
  gemm(0, 1, batch, hidden, hidden, h0, hidden, weightHh, hidden, h, hidden, 1, biasHh, 0, 0, scratch);
  activateAll(h, batch * hidden, relu);
}

function activateAll(h: usize, n: i32, relu: i32): void {
  const table = constants;
  const zero = f32x4.splat(0);
  for (; n >= 4; n -= 4) {
    const v = v128.load(h);
    v128.store(h, relu ? f32x4.pmax(v, zero) : tanh4(v, table));
    h += 16;
  }
  for (; n > 0; n--) {
    const v = v128.load32_splat(h);
    store<f32>(h, f32x4.extract_lane(relu ? f32x4.pmax(v, zero) : tanh4(v, table), 0));
    h += 4;
  }
}

/**
 * Backward through time. On entry dh [batch, hidden] holds the gradient of the last state, on return that of the first;
 * `upstream` is the gradient of the hidden states: row r stands at index[r]; dsums [rows, hidden] takes the gradients of
 * the sums.
 */
export function rnnBackward(
  steps: i32, sizes: usize, rows: i32, hidden: i32, weight: usize, mask: usize,
  h: usize, upstream: usize, index: usize, dsums: usize, dh: usize, relu: i32, scratch: usize,
): void {
  const packed = scratch + STEP_SCRATCH;
  const row = <usize>hidden << 2;
  packB(0, hidden, hidden, weight, hidden, packed);
  let end = <usize>rows;
  for (let t = steps - 1; t >= 0; t--) {
    const n = <usize>load<i32>(sizes + (<usize>t << 2));
    const start = (end - n) * row;
    for (let r: usize = 0; r < n; r++) {
      const at = start + r * row;
      sumGradients(hidden, h + at, rowAt(upstream, index, end - n + r, row), dh + r * row, dsums + at, relu);
    }
    gemmPacked(<i32>n, hidden, hidden, dsums + start, hidden, packed, dh, hidden, 0, scratch);
    if (mask) mulRow(mask, dh, dh, <i32>n * hidden);
    end -= n;
  }
}

/** dsums = (dh + upstream) act'(sums), where act' follows from h. */
function sumGradients(n: i32, h: usize, upstream: usize, dh: usize, dsums: usize, relu: i32): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  for (; n >= 4; n -= 4) {
    const y = v128.load(h);
    const d = f32x4.add(v128.load(dh), v128.load(upstream));
    v128.store(dsums, relu ? v128.and(d, f32x4.gt(y, zero)) : f32x4.mul(d, f32x4.sub(one, f32x4.mul(y, y))));
    h += 16;
    upstream += 16;
    dh += 16;
    dsums += 16;
  }
  for (; n > 0; n--) {
    const y = load<f32>(h);
    const d = load<f32>(dh) + load<f32>(upstream);
    store<f32>(dsums, relu ? (y > 0 ? d : 0) : d * (1 - y * y));
    h += 4;
    upstream += 4;
    dh += 4;
    dsums += 4;
  }
}
