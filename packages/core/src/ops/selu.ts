import { add, expm1, greater, mul, type Tensor, where } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

const op = defineOp({
  name: 'selu',
  forward: ({ x }: { x: Tensor }) => where(greater(x, 0), mul(x, SCALE), mul(expm1(x), SCALE * ALPHA)),
  backward: ({ y, dy }) => ({ x: () => mul(dy, where(greater(y, 0), SCALE, add(y, SCALE * ALPHA))) }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'selu', [x]),
  backwardKernel: ({ y, dy }, _, heap) => ({ x: () => pointwise(heap, 'seluGradient', [y, dy]) }),
  saves: ['y'],
  error: '2e-7 relative',
});

/**
 * The self-normalising unit: `y = scale * elu(x, alpha)` with `alpha = 1.6733`, `scale = 1.0507`, for which zero mean and
 * unit variance are a fixed point from layer to layer. Klambauer et al. 2017, PyTorch's `selu`.
 *
 * `dy/dx = scale` where `x > 0`, else `scale alpha e^x = y + scale alpha`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function selu(x: Tensor): Tensor {
  expectFloat('selu', 'input', x);
  return op({ x });
}
