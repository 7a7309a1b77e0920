import { abs, add, div, square, type Tensor } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'softsign',
  forward: ({ x }: { x: Tensor }) => div(x, add(1, abs(x))),
  backward: ({ x, dy }) => ({ x: () => div(dy, square(add(1, abs(x)))) }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'softsign', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'softsignGradient', [x, dy]) }),
  saves: ['x'],
  error: '2e-7 relative',
});

/**
 * `y = x / (1 + |x|)`: like `tanh`, but reaching its limits slowly. PyTorch's `softsign`.
 *
 * By the quotient rule `dy/dx = (1 + |x| - x sign x) / (1 + |x|)^2 = 1 / (1 + |x|)^2`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function softsign(x: Tensor): Tensor {
  expectFloat('softsign', 'input', x);
  return op({ x });
}
