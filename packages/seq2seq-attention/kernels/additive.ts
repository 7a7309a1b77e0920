// The scores of additive attention (Bahdanau et al. 2015): s[i, j] = v . tanh(q[i] + k[j]). The sums inside the tanh,
// width times as many as there are scores, never leave the registers; the gradient computes them again.
import { constants } from '@dl/core/kernels/constants';
import { loadTail, madd, storeTail, sumLanes } from '@dl/core/kernels/simd';
import { tanh4 } from '@dl/core/kernels/vector-math';

/** scores [batch, queries, keys] of q [batch, queries, width], k [batch, keys, width] and v [width]. */
export function additiveScores(
  batch: i32, queries: i32, keys: i32, width: i32, q: usize, k: usize, v: usize, scores: usize,
): void {
  const row = <usize>width << 2;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < queries; i++) {
      let key = k;
      for (let j = 0; j < keys; j++) {
        store<f32>(scores, score(width, q, key, v));
        scores += 4;
        key += row;
      }
      q += row;
    }
    k += <usize>keys * row;
  }
}

// @ts-ignore: decorator
@inline
export function score(width: i32, q: usize, k: usize, v: usize): f32 {
  const table = constants;
  let sum = f32x4.splat(0);
  let n = width;
  for (; n >= 4; n -= 4) {
    sum = madd(v128.load(v), tanh4(f32x4.add(v128.load(q), v128.load(k)), table), sum);
    q += 16;
    k += 16;
    v += 16;
  }
  if (n > 0) sum = madd(loadTail(v, n, 0), tanh4(f32x4.add(loadTail(q, n, 0), loadTail(k, n, 0)), table), sum);
  return sumLanes(sum);
}

/** The gradients of q, k and v from those of the scores. */
export function additiveScoresGradient(
  batch: i32, queries: i32, keys: i32, width: i32, q: usize, k: usize, v: usize, dScores: usize, dq: usize, dk: usize,
  dv: usize,
): void {
  const row = <usize>width << 2;
  memory.fill(dq, 0, <usize>(batch * queries) * row);
  memory.fill(dk, 0, <usize>(batch * keys) * row);
  memory.fill(dv, 0, row);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < queries; i++) {
      let key = k, dKey = dk;
      for (let j = 0; j < keys; j++) {
        const d = load<f32>(dScores);
        if (d != 0) scoreGradient(width, d, q, key, v, dq, dKey, dv); // masked keys have none
        dScores += 4;
        key += row;
        dKey += row;
      }
      q += row;
      dq += row;
    }
    k += <usize>keys * row;
    dk += <usize>keys * row;
  }
}

// @ts-ignore: decorator
@inline
export function scoreGradient(width: i32, d: f32, q: usize, k: usize, v: usize, dq: usize, dk: usize, dv: usize): void {
  const table = constants;
  const one = f32x4.splat(1), up = f32x4.splat(d);
  let n = width;
  for (; n >= 4; n -= 4) {
    const t = tanh4(f32x4.add(v128.load(q), v128.load(k)), table);
    const inner = f32x4.mul(f32x4.mul(up, v128.load(v)), f32x4.sub(one, f32x4.mul(t, t)));
    v128.store(dv, madd(up, t, v128.load(dv)));
    v128.store(dq, f32x4.add(v128.load(dq), inner));
    v128.store(dk, f32x4.add(v128.load(dk), inner));
    q += 16;
    k += 16;
    v += 16;
    dq += 16;
    dk += 16;
    dv += 16;
  }
  if (n > 0) {
    const t = tanh4(f32x4.add(loadTail(q, n, 0), loadTail(k, n, 0)), table);
    const inner = f32x4.mul(f32x4.mul(up, loadTail(v, n, 0)), f32x4.sub(one, f32x4.mul(t, t)));
    storeTail(dv, madd(up, t, loadTail(dv, n, 0)), n);
    storeTail(dq, f32x4.add(loadTail(dq, n, 0), inner), n);
    storeTail(dk, f32x4.add(loadTail(dk, n, 0), inner), n);
  }
}
