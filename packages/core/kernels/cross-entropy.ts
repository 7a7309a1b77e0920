import { constants } from './constants';
import { loadTail, storeTail, sumLanes } from './simd';
import { ln, rowMax } from './softmax';
import { exp4 } from './vector-math';

// Cross-entropy of softmax(x) with classes given by number. `weights` holds one weight a class, or is 0: then every class
// has 1, which is slot 26 of the constants read again and again. A row whose target is `ignore` costs and gives nothing.

/**
 * losses[row] = -(1 - smoothing) w[t] ln p[t] - smoothing / n sum_j w[j] ln p[j], and p = softmax(x) for the gradient;
 * the p of ignored rows stay as they are.
 */
export function crossEntropy(
  x: usize, target: usize, weights: usize, losses: usize, p: usize, rows: i32, n: i32, smoothing: f32, ignore: i32,
): void {
  const c = constants;
  const stride = <usize>n << 2;
  const w = weights ? weights : c + 26 * 16;
  const step: usize = weights ? 16 : 0;
  const share = smoothing / <f32>n;
  for (let r = 0; r < rows; r++, x += stride, p += stride, target += 4, losses += 4) {
    const t = load<i32>(target);
    if (t == ignore) {
      store<f32>(losses, 0);
      continue;
    }
    const top = rowMax(x, n);
    const largest = f32x4.splat(top);
    let sum = f32x4.splat(0);
    let weighted = f32x4.splat(0);
    let weightSum = f32x4.splat(0);
    let left = n;
    let at: usize = 0;
    let wAt = w;
    for (; left >= 4; left -= 4, at += 16, wAt += step) {
      const shifted = f32x4.sub(v128.load(x + at), largest);
      const e = exp4(shifted, c);
      v128.store(p + at, e);
      sum = f32x4.add(sum, e);
      weighted = f32x4.add(weighted, f32x4.mul(v128.load(wAt), shifted));
      weightSum = f32x4.add(weightSum, v128.load(wAt));
    }
    if (left > 0) {
      const e = exp4(f32x4.sub(loadTail(x + at, left, -Infinity), largest), c);
      storeTail(p + at, e, left);
      sum = f32x4.add(sum, e);
      const shifted = f32x4.sub(loadTail(x + at, left, top), largest);
      weighted = f32x4.add(weighted, f32x4.mul(loadTail(wAt, left, 0), shifted));
      weightSum = f32x4.add(weightSum, loadTail(wAt, left, 0));
    }
    const total = sumLanes(sum);
    const logSum = ln(total, c);
    const wt: f32 = weights ? load<f32>(weights + (<usize>t << 2)) : 1;
    let loss: f32 = (<f32>1 - smoothing) * wt * (logSum - (load<f32>(x + (<usize>t << 2)) - top));
    if (smoothing > 0) loss += share * (sumLanes(weightSum) * logSum - sumLanes(weighted));
    store<f32>(losses, loss);
    const scale = f32x4.splat(1 / total);
    left = n;
    at = 0;
    for (; left >= 4; left -= 4, at += 16) v128.store(p + at, f32x4.mul(v128.load(p + at), scale));
    if (left > 0) storeTail(p + at, f32x4.mul(loadTail(p + at, left, 0), scale), left);
  }
}

/** dx[j] = dy (p[j] sum_k q[k] - q[j]) with the target distribution q[j] = (1 - smoothing) w[t] 1[j = t] + smoothing / n w[j]. */
export function crossEntropyGradient(
  p: usize, target: usize, weights: usize, dy: usize, dx: usize, rows: i32, n: i32, smoothing: f32, ignore: i32,
): void {
  const c = constants;
  const stride = <usize>n << 2;
  const w = weights ? weights : c + 26 * 16;
  const step: usize = weights ? 16 : 0;
  const share = smoothing / <f32>n;
  let weightSum: f32 = <f32>n;
  if (weights) {
    weightSum = 0;
    for (let j = 0; j < n; j++) weightSum += load<f32>(weights + (<usize>j << 2));
  }
  for (let r = 0; r < rows; r++, p += stride, dx += stride, target += 4, dy += 4) {
    const t = load<i32>(target);
    if (t == ignore) {
      memory.fill(dx, 0, stride);
      continue;
    }
    const d = load<f32>(dy);
    const wt: f32 = d * (<f32>1 - smoothing) * (weights ? load<f32>(weights + (<usize>t << 2)) : <f32>1);
    const all = f32x4.splat(wt + d * share * weightSum);
    const each = f32x4.splat(d * share);
    let left = n;
    let at: usize = 0;
    let wAt = w;
    for (; left >= 4; left -= 4, at += 16, wAt += step) {
      v128.store(dx + at, f32x4.sub(f32x4.mul(v128.load(p + at), all), f32x4.mul(v128.load(wAt), each)));
    }
    if (left > 0) {
      const rest = f32x4.sub(f32x4.mul(loadTail(p + at, left, 0), all), f32x4.mul(loadTail(wAt, left, 0), each));
      storeTail(dx + at, rest, left);
    }
    const hit = dx + (<usize>t << 2);
    store<f32>(hit, load<f32>(hit) - wt);
  }
}
