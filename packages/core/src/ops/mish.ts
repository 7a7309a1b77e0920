import { add, div, exp, minimum, mul, square, type Tensor } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'mish',
  forward: ({ x }: { x: Tensor }) => mul(x, gate(x).t),
  backward: ({ x, dy }) => ({
    x: () => {
      const { t, dt } = gate(x);
      return mul(dy, add(t, mul(x, dt)));
    },
  }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'mish', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'mishGradient', [x, dy]) }),
  saves: ['x'],
  error: '5e-7 relative',
});

/** `t = tanh(softplus(x))` and `dt/dx`, by the formulas below; above 40, where t is 1, held from overflowing. */
function gate(x: Tensor): { t: Tensor; dt: Tensor } {
  const e = exp(minimum(x, 40));
  const n = mul(e, add(e, 2));
  const m = add(n, 2);
  return { t: div(n, m), dt: div(mul(4, mul(e, add(e, 1))), square(m)) };
}

/**
 * `y = x tanh(softplus(x))`. Misra 2019, PyTorch's `mish`.
 *
 * Since `e^softplus(x) = 1 + e^x`, `t = tanh(softplus(x)) = ((1 + e^x)^2 - 1) / ((1 + e^x)^2 + 1) = n / (n + 2)` with
 * `n = e^x (e^x + 2)`. The chain rule gives `dt/dx = (1 - t^2) sigmoid(x) = 4 e^x (e^x + 1) / (n + 2)^2`, the product rule
 * `dx = dy (t + x dt/dx)`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function mish(x: Tensor): Tensor {
  expectFloat('mish', 'input', x);
  return op({ x });
}
