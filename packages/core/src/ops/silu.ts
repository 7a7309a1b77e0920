import { add, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'silu',
  forward: ({ x }: { x: Tensor }) => mul(x, sigmoid(x)),
  backward: ({ x, dy }) => ({
    x: () => {
      const s = sigmoid(x);
      return mul(dy, mul(s, add(1, mul(x, sub(1, s)))));
    },
  }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'silu', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'siluGradient', [x, dy]) }),
  saves: ['x'],
  error: '4e-7 relative',
});

/**
 * The sigmoid linear unit, or swish: `y = x s` with `s = sigmoid(x)`. PyTorch's `silu`.
 *
 * By the product rule, with `ds/dx = s (1 - s)`: `dx = dy (s + x s (1 - s)) = dy s (1 + x (1 - s))`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function silu(x: Tensor): Tensor {
  expectFloat('silu', 'input', x);
  return op({ x });
}
