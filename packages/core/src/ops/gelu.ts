import { add, erf, exp, mul, neg, sigmoid, square, type Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const exact = defineOp({
  name: 'gelu',
  forward: ({ x }: { x: Tensor }) => mul(x, normalCdf(x)),
  backward: ({ x, dy }) => ({ x: () => mul(dy, add(normalCdf(x), mul(x, normalDensity(x)))) }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'gelu', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'geluGradient', [x, dy]) }),
  saves: ['x'],
  error: '1e-6',
});

const approximate = defineOp({
  name: 'geluTanh',
  forward: ({ x }: { x: Tensor }) => mul(x, sigmoid(inner(x))),
  backward: ({ x, dy }) => ({
    x: () => {
      const v = inner(x);
      const dv = mul(2 * ROOT_2_OVER_PI, add(1, mul(3 * CUBIC, square(x))));
      const [s, rest] = [sigmoid(v), sigmoid(neg(v))]; // rest = 1 - s, without cancelling
      return mul(dy, mul(s, add(1, mul(mul(x, rest), dv))));
    },
  }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'geluTanh', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'geluTanhGradient', [x, dy]) }),
  saves: ['x'],
  error: '3e-7',
});

const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

function normalCdf(x: Tensor): Tensor {
  return mul(0.5, add(1, erf(mul(x, Math.SQRT1_2))));
}

function normalDensity(x: Tensor): Tensor {
  return mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

/** v of the formula below. */
function inner(x: Tensor): Tensor {
  return mul(2 * ROOT_2_OVER_PI, mul(x, add(1, mul(CUBIC, square(x)))));
}

/**
 * The Gaussian error linear unit `y = x Phi(x)`: the input times the chance that a standard normal number is smaller.
 * Hendrycks and Gimpel 2016, PyTorch's `gelu`.
 *
 * With `Phi(x) = (1 + erf(x / sqrt 2)) / 2` and its derivative, the density `phi(x) = e^(-x^2 / 2) / sqrt(2 pi)`, the
 * product rule gives `dx = dy (Phi(x) + x phi(x))`.
 *
 * The approximation, as in GPT-2, is `y = x (1 + tanh u) / 2` with `u = sqrt(2 / pi) (x + 0.044715 x^3)`. Since
 * `(1 + tanh u) / 2 = sigmoid(2u)`, it is a `silu` with the gate `s = sigmoid(v)`, `v = 2u`:
 * `dx = dy s (1 + x (1 - s) dv/dx)` with `dv/dx = 2 sqrt(2 / pi) (1 + 3 * 0.044715 x^2)`.
 *
 * @param x any shape, float32
 * @param approximation `none` for the exact form, `tanh` for the approximation
 * @default approximation 'none'
 * @throws DtypeError unless the input is float32
 * @throws ConfigError on another approximation
 */
export function gelu(x: Tensor, approximation: 'none' | 'tanh' = 'none'): Tensor {
  expectFloat('gelu', 'input', x);
  if (approximation === 'none') return exact({ x });
  if (approximation === 'tanh') return approximate({ x });
  throw new ConfigError('gelu', `the approximation '${String(approximation)}' is not known`, "give 'none' or 'tanh'");
}
