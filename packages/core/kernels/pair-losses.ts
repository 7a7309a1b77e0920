import { constants } from './constants';
import { loadTail, madd, sumLanes, storeTail } from './simd';
import { log4, sigmoid4, softplus4 } from './vector-math';

// Losses of a prediction p and a target t, element by element, four lanes at a time: each class is a loss and its
// derivative by p. `c` is the constant table, `q` the option. By code:
//
//   0 mse   1 mae   2 huber (delta)   3 smooth L1 (beta)   4 bce with logits   5 bce

@unmanaged
class Mse {
  // @ts-ignore: decorator
  @inline
  forward(p: v128, t: v128, c: usize, q: v128): v128 {
    const d = f32x4.sub(p, t);
    return f32x4.mul(d, d);
  }

  // @ts-ignore: decorator
  @inline
  backward(p: v128, t: v128, c: usize, q: v128): v128 {
    const d = f32x4.sub(p, t);
    return f32x4.add(d, d);
  }
}

@unmanaged
class Mae {
  // @ts-ignore: decorator
  @inline
  forward(p: v128, t: v128, c: usize, q: v128): v128 {
    return f32x4.abs(f32x4.sub(p, t));
  }

  // @ts-ignore: decorator
  @inline
  backward(p: v128, t: v128, c: usize, q: v128): v128 {
    const one = v128.load(c, 26 * 16);
    const d = f32x4.sub(p, t);
    // NaN is neither above nor below: it is kept
    const sign = v128.bitselect(f32x4.neg(one), d, f32x4.lt(d, f32x4.splat(0)));
    return v128.bitselect(one, sign, f32x4.gt(d, f32x4.splat(0)));
  }
}

@unmanaged
class Huber {
  // @ts-ignore: decorator
  @inline
  forward(p: v128, t: v128, c: usize, q: v128): v128 {
    // |d| m - m^2 / 2 with m = min(|d|, delta)
    const d = f32x4.abs(f32x4.sub(p, t));
    const m = f32x4.pmin(d, q);
    return f32x4.mul(m, f32x4.sub(d, f32x4.mul(m, v128.load(c, 25 * 16))));
  }

  // @ts-ignore: decorator
  @inline
  backward(p: v128, t: v128, c: usize, q: v128): v128 {
    return f32x4.pmin(f32x4.pmax(f32x4.sub(p, t), f32x4.neg(q)), q);
  }
}

@unmanaged
class SmoothL1 {
  // @ts-ignore: decorator
  @inline
  forward(p: v128, t: v128, c: usize, q: v128): v128 {
    return f32x4.div(changetype<Huber>(0).forward(p, t, c, q), q);
  }

  // @ts-ignore: decorator
  @inline
  backward(p: v128, t: v128, c: usize, q: v128): v128 {
    return f32x4.div(changetype<Huber>(0).backward(p, t, c, q), q);
  }
}

@unmanaged
class BceWithLogits {
  // @ts-ignore: decorator
  @inline
  forward(p: v128, t: v128, c: usize, q: v128): v128 {
    // ln(1 + e^p) - p t = max(p, 0) + ln(1 + e^-|p|) - p t
    const rest = f32x4.sub(f32x4.pmax(p, f32x4.splat(0)), f32x4.mul(p, t));
    return f32x4.add(rest, softplus4(f32x4.neg(f32x4.abs(p)), c));
  }

  // @ts-ignore: decorator
  @inline
  backward(p: v128, t: v128, c: usize, q: v128): v128 {
    return f32x4.sub(sigmoid4(p, c), t);
  }
}

@unmanaged
class Bce {
  // @ts-ignore: decorator
  @inline
  forward(p: v128, t: v128, c: usize, q: v128): v128 {
    const rest = f32x4.sub(v128.load(c, 26 * 16), p);
    const floor = v128.load(c, 90 * 16);
    const logP = f32x4.pmax(log4(p, c), floor);
    const logRest = f32x4.pmax(log4(rest, c), floor);
    // t (ln(1 - p) - ln p) - ln(1 - p)
    return f32x4.sub(f32x4.mul(t, f32x4.sub(logRest, logP)), logRest);
  }

  // @ts-ignore: decorator
  @inline
  backward(p: v128, t: v128, c: usize, q: v128): v128 {
    const spread = f32x4.mul(f32x4.sub(v128.load(c, 26 * 16), p), p);
    return f32x4.div(f32x4.sub(p, t), f32x4.pmax(spread, v128.load(c, 91 * 16)));
  }
}

/** Elements that are summed in float32 before they join the total in float64. */
const BLOCK: i32 = 1024;

// @ts-ignore: decorator
@inline
function sumOf<F>(p: usize, t: usize, n: i32, q: f32): f64 {
  const f = changetype<F>(0);
  const c = constants;
  const q4 = f32x4.splat(q);
  let total: f64 = 0;
  while (n >= 4) {
    let sum = f32x4.splat(0);
    const end = max(n - BLOCK, 0);
    for (; n >= 4 && n > end; n -= 4, p += 16, t += 16) sum = f32x4.add(sum, f.forward(v128.load(p), v128.load(t), c, q4));
    total += <f64>sumLanes(sum);
  }
  if (n > 0) {
    let rest = f.forward(loadTail(p, n, 0), loadTail(t, n, 0), c, q4);
    for (; n > 0; n--) {
      total += <f64>f32x4.extract_lane(rest, 0);
      rest = i32x4.shuffle(rest, rest, 1, 2, 3, 3);
    }
  }
  return total;
}

// @ts-ignore: decorator
@inline
function eachOf<F>(p: usize, t: usize, y: usize, n: i32, q: f32): void {
  const f = changetype<F>(0);
  const c = constants;
  const q4 = f32x4.splat(q);
  for (; n >= 4; n -= 4, p += 16, t += 16, y += 16) v128.store(y, f.forward(v128.load(p), v128.load(t), c, q4));
  if (n > 0) storeTail(y, f.forward(loadTail(p, n, 0), loadTail(t, n, 0), c, q4), n);
}

// @ts-ignore: decorator
@inline
function gradientOf<F>(p: usize, t: usize, dy: usize, dp: usize, n: i32, q: f32, scale: f32, each: i32): void {
  const f = changetype<F>(0);
  const c = constants;
  const q4 = f32x4.splat(q);
  let d = f32x4.splat(each ? 1 : load<f32>(dy) * scale);
  for (; n >= 4; n -= 4, p += 16, t += 16, dp += 16) {
    if (each) {
      d = v128.load(dy);
      dy += 16;
    }
    v128.store(dp, f32x4.mul(d, f.backward(v128.load(p), v128.load(t), c, q4)));
  }
  if (n > 0) {
    if (each) d = loadTail(dy, n, 0);
    storeTail(dp, f32x4.mul(d, f.backward(loadTail(p, n, 0), loadTail(t, n, 0), c, q4)), n);
  }
}

/** y = scale times the sum of the losses of n elements. */
export function pairLossSum(code: i32, p: usize, t: usize, y: usize, n: i32, q: f32, scale: f64): void {
  let sum: f64 = 0;
  switch (code) {
    case 0: sum = sumOf<Mse>(p, t, n, q); break;
    case 1: sum = sumOf<Mae>(p, t, n, q); break;
    case 2: sum = sumOf<Huber>(p, t, n, q); break;
    case 3: sum = sumOf<SmoothL1>(p, t, n, q); break;
    case 4: sum = sumOf<BceWithLogits>(p, t, n, q); break;
    case 5: sum = sumOf<Bce>(p, t, n, q); break;
  }
  store<f32>(y, <f32>(sum * scale));
}

/** y[i] = the loss of p[i] and t[i]. */
export function pairLoss(code: i32, p: usize, t: usize, y: usize, n: i32, q: f32): void {
  switch (code) {
    case 0: return eachOf<Mse>(p, t, y, n, q);
    case 1: return eachOf<Mae>(p, t, y, n, q);
    case 2: return eachOf<Huber>(p, t, y, n, q);
    case 3: return eachOf<SmoothL1>(p, t, y, n, q);
    case 4: return eachOf<BceWithLogits>(p, t, y, n, q);
    case 5: return eachOf<Bce>(p, t, y, n, q);
  }
}

/** dp[i] = dy[i] dloss/dp, or with `each` 0, the gradient of the scaled sum: dp[i] = dy[0] scale dloss/dp. */
export function pairLossGradient(
  code: i32, p: usize, t: usize, dy: usize, dp: usize, n: i32, q: f32, scale: f32, each: i32,
): void {
  switch (code) {
    case 0: return gradientOf<Mse>(p, t, dy, dp, n, q, scale, each);
    case 1: return gradientOf<Mae>(p, t, dy, dp, n, q, scale, each);
    case 2: return gradientOf<Huber>(p, t, dy, dp, n, q, scale, each);
    case 3: return gradientOf<SmoothL1>(p, t, dy, dp, n, q, scale, each);
    case 4: return gradientOf<BceWithLogits>(p, t, dy, dp, n, q, scale, each);
    case 5: return gradientOf<Bce>(p, t, dy, dp, n, q, scale, each);
  }
}
