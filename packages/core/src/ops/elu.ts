import { exp, expm1, greater, mul, type Tensor, where } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'elu',
  forward: ({ x }: { x: Tensor }, { alpha }: { alpha: number }) => where(greater(x, 0), x, mul(expm1(x), alpha)),
  backward: ({ x, dy }, { alpha }) => ({ x: () => where(greater(x, 0), dy, mul(dy, mul(alpha, exp(x)))) }),
  kernel: ({ x }, { alpha }, heap) => pointwise(heap, 'elu', [x], alpha),
  backwardKernel: ({ x, dy }, { alpha }, heap) => ({ x: () => pointwise(heap, 'eluGradient', [x, dy], alpha) }),
  saves: ['x'],
  error: '2e-7 relative',
});

/**
 * The exponential linear unit: `y = x` where `x > 0`, else `alpha (e^x - 1)`. Clevert et al. 2015, PyTorch's `elu`.
 *
 * Below 0, `dy/dx = alpha e^x`.
 *
 * @param x any shape, float32
 * @param alpha minus the limit at -Infinity
 * @default alpha 1
 * @throws DtypeError unless the input is float32
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  expectFloat('elu', 'input', x);
  return op({ x }, { alpha });
}
