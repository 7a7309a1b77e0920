import { add, mul, sigmoid, square, sub, type Tensor, tanh } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';
import { stableSoftplus } from './softplus';

const op = defineOp({
  name: 'mish',
  forward: ({ x }: { x: Tensor }) => mul(x, tanh(stableSoftplus(x))),
  backward: ({ x, dy }) => ({
    x: () => {
      const t = tanh(stableSoftplus(x));
      return mul(dy, add(t, mul(mul(x, sub(1, square(t))), sigmoid(x))));
    },
  }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'mish', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'mishGradient', [x, dy]) }),
  saves: ['x'],
});

/**
 * `y = x tanh(softplus(x))`. Misra 2019, PyTorch's `mish`.
 *
 * With `t = tanh(softplus(x))`, the chain rule gives `dt/dx = (1 - t^2) sigmoid(x)`, the product rule
 * `dx = dy (t + x (1 - t^2) sigmoid(x))`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function mish(x: Tensor): Tensor {
  expectFloat('mish', 'input', x);
  return op({ x });
}
