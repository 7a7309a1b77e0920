import { constants } from './constants';
import { loadTail, madd, storeTail } from './simd';

/** tanh of four lanes, absolute error below 4e-7; NaN passes through. `c` is the constant table. */
// @ts-ignore: decorator
@inline
export function tanh4(x0: v128, c: usize): v128 {
  const x = f32x4.min(f32x4.max(x0, v128.load(c)), v128.load(c, 16));
  const z = f32x4.mul(x, x);
  let p = madd(z, v128.load(c, 32), v128.load(c, 48));
  p = madd(z, p, v128.load(c, 64));
  p = madd(z, p, v128.load(c, 80));
  p = madd(z, p, v128.load(c, 96));
  p = madd(z, p, v128.load(c, 112));
  p = f32x4.mul(madd(z, p, v128.load(c, 128)), x);
  let q = madd(z, v128.load(c, 144), v128.load(c, 160));
  q = madd(z, q, v128.load(c, 176));
  q = madd(z, q, v128.load(c, 192));
  return f32x4.div(p, q);
}

/** y[i] = tanh(x[i]) for n floats. */
export function tanh(x: usize, y: usize, n: i32): void {
  const c = constants;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(y, tanh4(v128.load(x), c));
    x += 16;
    y += 16;
  }
  if (i < n) storeTail(y, tanh4(loadTail(x, n - i, 0), c), n - i);
}
