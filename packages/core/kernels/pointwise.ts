import { constants } from './constants';
import { loadTail, madd, storeTail } from './simd';
import { erf4, exp4, expm14, sigmoid4, softplus4 } from './vector-math';

// Activations of single elements, four lanes at a time: each class is one function and its gradient, as `src/ops` derives
// it. `c` is the constant table, `p` and `q` are the options. The classes are never allocated: `map` and `mapGradient`
// inline them.

// @ts-ignore: decorator
@inline
function map<F>(x: usize, y: usize, n: i32, p: f32 = 0, q: f32 = 0): void {
  const f = changetype<F>(0);
  const c = constants;
  const p4 = f32x4.splat(p);
  const q4 = f32x4.splat(q);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f.forward(v128.load(x), c, p4, q4));
  if (n > 0) storeTail(y, f.forward(loadTail(x, n, 0), c, p4, q4), n);
}

/** `s` is what the gradient is a function of: the input, or the output where that is enough. */
// @ts-ignore: decorator
@inline
function mapGradient<F>(s: usize, dy: usize, dx: usize, n: i32, p: f32 = 0, q: f32 = 0): void {
  const f = changetype<F>(0);
  const c = constants;
  const p4 = f32x4.splat(p);
  const q4 = f32x4.splat(q);
  for (; n >= 4; n -= 4, s += 16, dy += 16, dx += 16) {
    v128.store(dx, f.backward(v128.load(s), v128.load(dy), c, p4, q4));
  }
  if (n > 0) storeTail(dx, f.backward(loadTail(s, n, 0), loadTail(dy, n, 0), c, p4, q4), n);
}

@unmanaged
class Sigmoid {
  // @ts-ignore: decorator
  @inline
  backward(y: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(v128.load(c, 26 * 16), y)));
  }
}

export function sigmoidGradient(y: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Sigmoid>(y, dy, dx, n);
}

@unmanaged
class Tanh {
  // @ts-ignore: decorator
  @inline
  backward(y: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(dy, f32x4.sub(v128.load(c, 26 * 16), f32x4.mul(y, y)));
  }
}

export function tanhGradient(y: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Tanh>(y, dy, dx, n);
}

@unmanaged
class Relu {
  // @ts-ignore: decorator
  @inline
  backward(y: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
  }
}

export function reluGradient(y: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Relu>(y, dy, dx, n);
}

@unmanaged
class LeakyRelu {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return v128.bitselect(x, f32x4.mul(x, p), f32x4.gt(x, f32x4.splat(0)));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return v128.bitselect(dy, f32x4.mul(dy, p), f32x4.gt(x, f32x4.splat(0)));
  }
}

export function leakyRelu(x: usize, y: usize, n: i32, slope: f32): void {
  map<LeakyRelu>(x, y, n, slope);
}

export function leakyReluGradient(x: usize, dy: usize, dx: usize, n: i32, slope: f32): void {
  mapGradient<LeakyRelu>(x, dy, dx, n, slope);
}

@unmanaged
class Elu {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return v128.bitselect(x, f32x4.mul(expm14(x, c), p), f32x4.gt(x, f32x4.splat(0)));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const below = f32x4.mul(dy, f32x4.mul(p, exp4(x, c)));
    return v128.bitselect(dy, below, f32x4.gt(x, f32x4.splat(0)));
  }
}

export function elu(x: usize, y: usize, n: i32, alpha: f32): void {
  map<Elu>(x, y, n, alpha);
}

export function eluGradient(x: usize, dy: usize, dx: usize, n: i32, alpha: f32): void {
  mapGradient<Elu>(x, dy, dx, n, alpha);
}

@unmanaged
class Selu {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    const below = f32x4.mul(expm14(x, c), v128.load(c, 81 * 16));
    return v128.bitselect(f32x4.mul(x, v128.load(c, 80 * 16)), below, f32x4.gt(x, f32x4.splat(0)));
  }

  // @ts-ignore: decorator
  @inline
  backward(y: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const slope = v128.bitselect(v128.load(c, 80 * 16), f32x4.add(y, v128.load(c, 81 * 16)), f32x4.gt(y, f32x4.splat(0)));
    return f32x4.mul(dy, slope);
  }
}

export function selu(x: usize, y: usize, n: i32): void {
  map<Selu>(x, y, n);
}

export function seluGradient(y: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Selu>(y, dy, dx, n);
}

@unmanaged
class Gelu {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    const half = f32x4.mul(x, v128.load(c, 25 * 16));
    return madd(half, erf4(f32x4.mul(x, v128.load(c, 82 * 16)), c), half);
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const half = v128.load(c, 25 * 16);
    const cdf = madd(half, erf4(f32x4.mul(x, v128.load(c, 82 * 16)), c), half);
    const density = f32x4.mul(v128.load(c, 83 * 16), exp4(f32x4.mul(f32x4.neg(half), f32x4.mul(x, x)), c));
    return f32x4.mul(dy, madd(x, density, cdf));
  }
}

export function gelu(x: usize, y: usize, n: i32): void {
  map<Gelu>(x, y, n);
}

export function geluGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Gelu>(x, dy, dx, n);
}

/** 2 sqrt(2 / pi) (x + 0.044715 x^3) */
// @ts-ignore: decorator
@inline
function geluInner(x: v128, square: v128, c: usize): v128 {
  return f32x4.mul(f32x4.mul(v128.load(c, 84 * 16), x), madd(v128.load(c, 85 * 16), square, v128.load(c, 26 * 16)));
}

@unmanaged
class GeluTanh {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(x, sigmoid4(geluInner(x, f32x4.mul(x, x), c), c));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const one = v128.load(c, 26 * 16);
    const square = f32x4.mul(x, x);
    const v = geluInner(x, square, c);
    // s = sigmoid(v) and s (1 - s) = e / (1 + e)^2, neither of which cancels far from 0
    const e = exp4(f32x4.neg(f32x4.abs(v)), c);
    const r = f32x4.div(one, f32x4.add(one, e));
    const er = f32x4.mul(e, r);
    const s = v128.bitselect(er, r, f32x4.lt(v, f32x4.splat(0)));
    const dv = f32x4.mul(v128.load(c, 84 * 16), madd(v128.load(c, 86 * 16), square, one));
    return f32x4.mul(dy, madd(f32x4.mul(x, dv), f32x4.mul(er, r), s));
  }
}

export function geluTanh(x: usize, y: usize, n: i32): void {
  map<GeluTanh>(x, y, n);
}

export function geluTanhGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<GeluTanh>(x, dy, dx, n);
}

@unmanaged
class Silu {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(x, sigmoid4(x, c));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const one = v128.load(c, 26 * 16);
    const s = sigmoid4(x, c);
    return f32x4.mul(dy, f32x4.mul(s, madd(x, f32x4.sub(one, s), one)));
  }
}

export function silu(x: usize, y: usize, n: i32): void {
  map<Silu>(x, y, n);
}

export function siluGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Silu>(x, dy, dx, n);
}

// tanh(ln(1 + e^x)) = n / (n + 2) with e = e^x and n = e (e + 2); its derivative is 4 e (e + 1) / (n + 2)^2.
@unmanaged
class Mish {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    const two = v128.load(c, 34 * 16);
    const e = exp4(f32x4.min(x, v128.load(c, 89 * 16)), c);
    const n = f32x4.mul(e, f32x4.add(e, two));
    return f32x4.mul(x, f32x4.div(n, f32x4.add(n, two)));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const two = v128.load(c, 34 * 16);
    const e = exp4(f32x4.min(x, v128.load(c, 89 * 16)), c);
    const n = f32x4.mul(e, f32x4.add(e, two));
    const m = f32x4.add(n, two);
    const dt = f32x4.div(f32x4.mul(f32x4.mul(two, two), f32x4.add(f32x4.mul(e, e), e)), f32x4.mul(m, m));
    return f32x4.mul(dy, madd(x, dt, f32x4.div(n, m)));
  }
}

export function mish(x: usize, y: usize, n: i32): void {
  map<Mish>(x, y, n);
}

export function mishGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Mish>(x, dy, dx, n);
}

@unmanaged
class Softplus {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.div(softplus4(f32x4.mul(x, p), c), p);
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(dy, sigmoid4(f32x4.mul(x, p), c));
  }
}

export function softplusOf(x: usize, y: usize, n: i32, beta: f32): void {
  map<Softplus>(x, y, n, beta);
}

export function softplusOfGradient(x: usize, dy: usize, dx: usize, n: i32, beta: f32): void {
  mapGradient<Softplus>(x, dy, dx, n, beta);
}

@unmanaged
class LogSigmoid {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.neg(softplus4(f32x4.neg(x), c));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(dy, sigmoid4(f32x4.neg(x), c));
  }
}

export function logSigmoid(x: usize, y: usize, n: i32): void {
  map<LogSigmoid>(x, y, n);
}

export function logSigmoidGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<LogSigmoid>(x, dy, dx, n);
}

@unmanaged
class Softsign {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.div(x, f32x4.add(v128.load(c, 26 * 16), f32x4.abs(x)));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const d = f32x4.add(v128.load(c, 26 * 16), f32x4.abs(x));
    return f32x4.div(dy, f32x4.mul(d, d));
  }
}

export function softsign(x: usize, y: usize, n: i32): void {
  map<Softsign>(x, y, n);
}

export function softsignGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Softsign>(x, dy, dx, n);
}

@unmanaged
class Hardtanh {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.pmin(f32x4.pmax(x, p), q);
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    return v128.and(dy, v128.and(f32x4.gt(x, p), f32x4.lt(x, q)));
  }
}

export function hardtanh(x: usize, y: usize, n: i32, low: f32, high: f32): void {
  map<Hardtanh>(x, y, n, low, high);
}

export function hardtanhGradient(x: usize, dy: usize, dx: usize, n: i32, low: f32, high: f32): void {
  mapGradient<Hardtanh>(x, dy, dx, n, low, high);
}

// @ts-ignore: decorator
@inline
function hardSigmoid(x: v128, c: usize): v128 {
  const three = v128.load(c, 87 * 16);
  const clipped = f32x4.pmin(f32x4.pmax(f32x4.add(x, three), f32x4.splat(0)), f32x4.add(three, three));
  return f32x4.mul(clipped, v128.load(c, 88 * 16));
}

@unmanaged
class Hardsigmoid {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return hardSigmoid(x, c);
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const three = v128.load(c, 87 * 16);
    return v128.and(f32x4.mul(dy, v128.load(c, 88 * 16)), f32x4.lt(f32x4.abs(x), three));
  }
}

export function hardsigmoid(x: usize, y: usize, n: i32): void {
  map<Hardsigmoid>(x, y, n);
}

export function hardsigmoidGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Hardsigmoid>(x, dy, dx, n);
}

@unmanaged
class Hardswish {
  // @ts-ignore: decorator
  @inline
  forward(x: v128, c: usize, p: v128, q: v128): v128 {
    return f32x4.mul(x, hardSigmoid(x, c));
  }

  // @ts-ignore: decorator
  @inline
  backward(x: v128, dy: v128, c: usize, p: v128, q: v128): v128 {
    const three = v128.load(c, 87 * 16);
    const between = f32x4.mul(dy, f32x4.mul(madd(v128.load(c, 34 * 16), x, three), v128.load(c, 88 * 16)));
    const above = v128.bitselect(dy, between, f32x4.gt(x, three));
    return v128.andnot(above, f32x4.lt(x, f32x4.neg(three)));
  }
}

export function hardswish(x: usize, y: usize, n: i32): void {
  map<Hardswish>(x, y, n);
}

export function hardswishGradient(x: usize, dy: usize, dx: usize, n: i32): void {
  mapGradient<Hardswish>(x, dy, dx, n);
}
