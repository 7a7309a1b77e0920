// Optimiser updates: one call updates every parameter of a model, in place, in one pass over memory.
//
// The host hands over a table with a row of six words a parameter:
//   0 number of floats | 1 parameter | 2 gradient | 3, 4, 5 state (0 where the optimiser has none)
// and `spare`, 112 bytes in which the last one to three floats of a tensor are worked on as a whole vector.
// Gradients are only read: clipping (g * scale, then to [-bound, bound]) happens on the way in.
import { madd } from './simd';

const ROW: usize = 24;
const COLUMNS: i32 = 5;

// @ts-ignore: decorator
@inline
function column(row: usize, index: usize): usize {
  return <usize>load<u32>(row + (index << 2));
}

/** Copies the last n % 4 floats of every tensor of a row to `spare` and gives a row that points there. */
function openTail(row: usize, spare: usize): usize {
  const n = load<i32>(row);
  const rest = <usize>(n & 3) << 2;
  const start = <usize>(n & ~3) << 2;
  for (let i = 1; i <= COLUMNS; i++) {
    const from = column(row, i);
    const to = spare + 16 + (<usize>i << 4);
    store<u32>(spare + (<usize>i << 2), from == 0 ? 0 : <u32>to);
    if (from != 0) memory.copy(to, from + start, rest);
  }
  return spare;
}

/** Copies the floats back, all but the gradient's. */
function closeTail(row: usize, spare: usize): void {
  const n = load<i32>(row);
  const rest = <usize>(n & 3) << 2;
  const start = <usize>(n & ~3) << 2;
  for (let i = 1; i <= COLUMNS; i++) {
    const to = column(row, i);
    if (to != 0 && i != 2) memory.copy(to + start, spare + 16 + (<usize>i << 4), rest);
  }
}

/** The gradient as it enters: pmin and pmax are one instruction (min and max are eight) and let NaN of the first pass. */
// @ts-ignore: decorator
@inline
function clipped(g: usize, scale: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.mul(v128.load(g), scale), low), high);
}

/** sum + x^2 for the first two floats of x, in float64. */
// @ts-ignore: decorator
@inline
function addSquares(sum: v128, x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f64x2.add(sum, f64x2.mul(wide, wide));
}

/** Sum of the squares of all gradients of the table, in float64. */
export function gradientSquares(table: usize, count: i32): f64 {
  let total: f64 = 0;
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    let g = column(table, 2);
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    let c = f64x2.splat(0);
    let d = f64x2.splat(0);
    let i = 0;
    // Four sums: one would wait for its own last addition.
    for (; i + 8 <= n; i += 8, g += 32) {
      a = addSquares(a, v128.load64_zero(g));
      b = addSquares(b, v128.load64_zero(g, 8));
      c = addSquares(c, v128.load64_zero(g, 16));
      d = addSquares(d, v128.load64_zero(g, 24));
    }
    a = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
    total += f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
    for (; i < n; i++, g += 4) {
      const x = <f64>load<f32>(g);
      total += x * x;
    }
  }
  return total;
}

/** y = a y + b x, with y in column 1 and x in column 2: sums of gradients, averages of parameters. */
export function blend(table: usize, count: i32, a: f32, b: f32): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    let y = column(table, 1);
    let x = column(table, 2);
    let i = 0;
    for (; i + 4 <= n; i += 4, y += 16, x += 16) {
      v128.store(y, madd(v128.load(x), vb, f32x4.mul(v128.load(y), va)));
    }
    for (; i < n; i++, y += 4, x += 4) store<f32>(y, load<f32>(x) * b + load<f32>(y) * a);
  }
}

function sgdRow(
  row: usize, vectors: i32, scale: f32, bound: f32,
  decay: f32, momentum: f32, intake: f32, direct: f32, buffered: f32,
): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let b = column(row, 3);
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vDecay = f32x4.splat(decay);
  const vDirect = f32x4.splat(direct);
  if (b == 0) {
    for (let i = 0; i < vectors; i++, p += 16, g += 16) {
      const w = v128.load(p);
      v128.store(p, f32x4.sub(w, f32x4.mul(madd(w, vDecay, clipped(g, vScale, low, high)), vDirect)));
    }
    return;
  }
  const vMomentum = f32x4.splat(momentum);
  const vIntake = f32x4.splat(intake);
  const vBuffered = f32x4.splat(buffered);
  for (let i = 0; i < vectors; i++, p += 16, g += 16, b += 16) {
    const w = v128.load(p);
    const d = madd(w, vDecay, clipped(g, vScale, low, high));
    const m = madd(v128.load(b), vMomentum, f32x4.mul(d, vIntake));
    v128.store(b, m);
    v128.store(p, f32x4.sub(w, madd(m, vBuffered, f32x4.mul(d, vDirect))));
  }
}

/** d = g + decay p; with a buffer b = momentum b + intake d; p -= direct d + buffered b. State: b, or none. */
export function sgd(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32,
  decay: f32, momentum: f32, intake: f32, direct: f32, buffered: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    sgdRow(table, n >> 2, scale, bound, decay, momentum, intake, direct, buffered);
    if (n & 3) {
      sgdRow(openTail(table, spare), 1, scale, bound, decay, momentum, intake, direct, buffered);
      closeTail(table, spare);
    }
  }
}

function adamRow(
  row: usize, vectors: i32, scale: f32, bound: f32, decay: f32, keep: f32,
  beta1: f32, intake1: f32, beta2: f32, intake2: f32, rootScale: f32, eps: f32, step: f32, direct: f32,
): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let m = column(row, 3);
  let v = column(row, 4);
  let top = column(row, 5);
  const amsgrad = top != 0;
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vDecay = f32x4.splat(decay);
  const vKeep = f32x4.splat(keep);
  const vBeta1 = f32x4.splat(beta1);
  const vIntake1 = f32x4.splat(intake1);
  const vBeta2 = f32x4.splat(beta2);
  const vIntake2 = f32x4.splat(intake2);
  const vRootScale = f32x4.splat(rootScale);
  const vEps = f32x4.splat(eps);
  const vStep = f32x4.splat(step);
  const vDirect = f32x4.splat(direct);
  for (let i = 0; i < vectors; i++, p += 16, g += 16, m += 16, v += 16) {
    const w = v128.load(p);
    const d = madd(w, vDecay, clipped(g, vScale, low, high));
    const first = madd(d, vIntake1, f32x4.mul(v128.load(m), vBeta1));
    let second = madd(f32x4.mul(d, d), vIntake2, f32x4.mul(v128.load(v), vBeta2));
    v128.store(m, first);
    v128.store(v, second);
    if (amsgrad) {
      second = f32x4.pmax(second, v128.load(top)); // NaN in v stays there, and so here
      v128.store(top, second);
      top += 16;
    }
    const root = madd(f32x4.sqrt(second), vRootScale, vEps);
    const move = madd(first, vStep, f32x4.mul(d, vDirect));
    v128.store(p, f32x4.sub(f32x4.mul(w, vKeep), f32x4.div(move, root)));
  }
}

/**
 * d = g + decay p; m = beta1 m + intake1 d; v = beta2 v + intake2 d^2; top = max(top, v) where there is a third state;
 * p = keep p - (step m + direct d) / (rootScale sqrt(v or top) + eps). State: m, v, top or none.
 */
export function adam(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32, decay: f32, keep: f32,
  beta1: f32, intake1: f32, beta2: f32, intake2: f32, rootScale: f32, eps: f32, step: f32, direct: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    adamRow(table, n >> 2, scale, bound, decay, keep, beta1, intake1, beta2, intake2, rootScale, eps, step, direct);
    if (n & 3) {
      const tail = openTail(table, spare);
      adamRow(tail, 1, scale, bound, decay, keep, beta1, intake1, beta2, intake2, rootScale, eps, step, direct);
      closeTail(table, spare);
    }
  }
}

function adagradRow(row: usize, vectors: i32, scale: f32, bound: f32, decay: f32, lr: f32, eps: f32): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let s = column(row, 3);
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vDecay = f32x4.splat(decay);
  const vLr = f32x4.splat(lr);
  const vEps = f32x4.splat(eps);
  for (let i = 0; i < vectors; i++, p += 16, g += 16, s += 16) {
    const w = v128.load(p);
    const d = madd(w, vDecay, clipped(g, vScale, low, high));
    const sum = madd(d, d, v128.load(s));
    v128.store(s, sum);
    v128.store(p, f32x4.sub(w, f32x4.div(f32x4.mul(d, vLr), f32x4.add(f32x4.sqrt(sum), vEps))));
  }
}

/** d = g + decay p; s += d^2; p -= lr d / (sqrt(s) + eps). State: s. */
export function adagrad(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32, decay: f32, lr: f32, eps: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    adagradRow(table, n >> 2, scale, bound, decay, lr, eps);
    if (n & 3) {
      adagradRow(openTail(table, spare), 1, scale, bound, decay, lr, eps);
      closeTail(table, spare);
    }
  }
}

function rmspropRow(
  row: usize, vectors: i32, scale: f32, bound: f32,
  decay: f32, alpha: f32, intake: f32, momentum: f32, lr: f32, eps: f32,
): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let s = column(row, 3);
  let b = column(row, 4);
  let a = column(row, 5);
  const buffered = b != 0;
  const centered = a != 0;
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vDecay = f32x4.splat(decay);
  const vAlpha = f32x4.splat(alpha);
  const vIntake = f32x4.splat(intake);
  const vMomentum = f32x4.splat(momentum);
  const vLr = f32x4.splat(lr);
  const vEps = f32x4.splat(eps);
  for (let i = 0; i < vectors; i++, p += 16, g += 16, s += 16) {
    const w = v128.load(p);
    const d = madd(w, vDecay, clipped(g, vScale, low, high));
    let square = madd(f32x4.mul(d, d), vIntake, f32x4.mul(v128.load(s), vAlpha));
    v128.store(s, square);
    if (centered) {
      const mean = madd(d, vIntake, f32x4.mul(v128.load(a), vAlpha));
      v128.store(a, mean);
      a += 16;
      square = f32x4.sub(square, f32x4.mul(mean, mean));
    }
    let move = f32x4.div(d, f32x4.add(f32x4.sqrt(square), vEps));
    if (buffered) {
      move = madd(v128.load(b), vMomentum, move);
      v128.store(b, move);
      b += 16;
    }
    v128.store(p, f32x4.sub(w, f32x4.mul(move, vLr)));
  }
}

/**
 * d = g + decay p; s = alpha s + intake d^2; with a: a = alpha a + intake d, s' = s - a^2; u = d / (sqrt(s') + eps);
 * with b: u = b = momentum b + u; p -= lr u. State: s, b or none, a or none.
 */
export function rmsprop(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32,
  decay: f32, alpha: f32, intake: f32, momentum: f32, lr: f32, eps: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    rmspropRow(table, n >> 2, scale, bound, decay, alpha, intake, momentum, lr, eps);
    if (n & 3) {
      rmspropRow(openTail(table, spare), 1, scale, bound, decay, alpha, intake, momentum, lr, eps);
      closeTail(table, spare);
    }
  }
}

function adadeltaRow(
  row: usize, vectors: i32, scale: f32, bound: f32, decay: f32, rho: f32, intake: f32, lr: f32, eps: f32,
): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let s = column(row, 3);
  let a = column(row, 4);
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vDecay = f32x4.splat(decay);
  const vRho = f32x4.splat(rho);
  const vIntake = f32x4.splat(intake);
  const vLr = f32x4.splat(lr);
  const vEps = f32x4.splat(eps);
  for (let i = 0; i < vectors; i++, p += 16, g += 16, s += 16, a += 16) {
    const w = v128.load(p);
    const d = madd(w, vDecay, clipped(g, vScale, low, high));
    const square = madd(f32x4.mul(d, d), vIntake, f32x4.mul(v128.load(s), vRho));
    v128.store(s, square);
    const moved = v128.load(a);
    const root = f32x4.div(f32x4.sqrt(f32x4.add(moved, vEps)), f32x4.sqrt(f32x4.add(square, vEps)));
    const move = f32x4.mul(d, root);
    v128.store(a, madd(f32x4.mul(move, move), vIntake, f32x4.mul(moved, vRho)));
    v128.store(p, f32x4.sub(w, f32x4.mul(move, vLr)));
  }
}

/**
 * d = g + decay p; s = rho s + intake d^2; u = d sqrt(a + eps) / sqrt(s + eps); a = rho a + intake u^2; p -= lr u.
 * State: s, a.
 */
export function adadelta(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32, decay: f32, rho: f32, intake: f32, lr: f32, eps: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    adadeltaRow(table, n >> 2, scale, bound, decay, rho, intake, lr, eps);
    if (n & 3) {
      adadeltaRow(openTail(table, spare), 1, scale, bound, decay, rho, intake, lr, eps);
      closeTail(table, spare);
    }
  }
}

function adamaxRow(
  row: usize, vectors: i32, scale: f32, bound: f32,
  decay: f32, beta1: f32, intake1: f32, beta2: f32, step: f32, eps: f32,
): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let m = column(row, 3);
  let u = column(row, 4);
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vDecay = f32x4.splat(decay);
  const vBeta1 = f32x4.splat(beta1);
  const vIntake1 = f32x4.splat(intake1);
  const vBeta2 = f32x4.splat(beta2);
  const vStep = f32x4.splat(step);
  const vEps = f32x4.splat(eps);
  for (let i = 0; i < vectors; i++, p += 16, g += 16, m += 16, u += 16) {
    const w = v128.load(p);
    const d = madd(w, vDecay, clipped(g, vScale, low, high));
    const first = madd(d, vIntake1, f32x4.mul(v128.load(m), vBeta1));
    const largest = f32x4.max(f32x4.mul(v128.load(u), vBeta2), f32x4.add(f32x4.abs(d), vEps));
    v128.store(m, first);
    v128.store(u, largest);
    v128.store(p, f32x4.sub(w, f32x4.div(f32x4.mul(first, vStep), largest)));
  }
}

/** d = g + decay p; m = beta1 m + intake1 d; u = max(beta2 u, |d| + eps); p -= step m / u. State: m, u. */
export function adamax(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32,
  decay: f32, beta1: f32, intake1: f32, beta2: f32, step: f32, eps: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    adamaxRow(table, n >> 2, scale, bound, decay, beta1, intake1, beta2, step, eps);
    if (n & 3) {
      adamaxRow(openTail(table, spare), 1, scale, bound, decay, beta1, intake1, beta2, step, eps);
      closeTail(table, spare);
    }
  }
}

function lionRow(
  row: usize, vectors: i32, scale: f32, bound: f32,
  keep: f32, beta1: f32, intake1: f32, beta2: f32, intake2: f32, lr: f32,
): void {
  let p = column(row, 1);
  let g = column(row, 2);
  let m = column(row, 3);
  const vScale = f32x4.splat(scale);
  const high = f32x4.splat(bound);
  const low = f32x4.neg(high);
  const vKeep = f32x4.splat(keep);
  const vBeta1 = f32x4.splat(beta1);
  const vIntake1 = f32x4.splat(intake1);
  const vBeta2 = f32x4.splat(beta2);
  const vIntake2 = f32x4.splat(intake2);
  const vLr = f32x4.splat(lr);
  const zero = f32x4.sub(vLr, vLr);
  const minus = f32x4.neg(zero); // the sign bit
  for (let i = 0; i < vectors; i++, p += 16, g += 16, m += 16) {
    const d = clipped(g, vScale, low, high);
    const first = v128.load(m);
    const u = madd(d, vIntake1, f32x4.mul(first, vBeta1));
    // lr sign(u): lr with the sign of u, 0 where u is 0; u - u is NaN where u is not finite, and 0 elsewhere.
    const signed = v128.and(v128.bitselect(u, vLr, minus), f32x4.ne(u, zero));
    const move = f32x4.add(signed, f32x4.sub(u, u));
    v128.store(m, madd(d, vIntake2, f32x4.mul(first, vBeta2)));
    v128.store(p, f32x4.sub(f32x4.mul(v128.load(p), vKeep), move));
  }
}

/** u = beta1 m + intake1 g; p = keep p - lr sign(u); m = beta2 m + intake2 g. State: m. */
export function lion(
  table: usize, count: i32, spare: usize, scale: f32, bound: f32,
  keep: f32, beta1: f32, intake1: f32, beta2: f32, intake2: f32, lr: f32,
): void {
  for (let r = 0; r < count; r++, table += ROW) {
    const n = load<i32>(table);
    lionRow(table, n >> 2, scale, bound, keep, beta1, intake1, beta2, intake2, lr);
    if (n & 3) {
      lionRow(openTail(table, spare), 1, scale, bound, keep, beta1, intake1, beta2, intake2, lr);
      closeTail(table, spare);
    }
  }
}
