import { mul, square, sub, type Tensor, tanh as tfTanh } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'tanh',
  forward: ({ x }: { x: Tensor }) => tfTanh(x),
  backward: ({ y, dy }) => ({ x: () => mul(dy, sub(1, square(y))) }),
  backwardKernel: ({ y, dy }, _, heap) => ({ x: () => pointwise(heap, 'tanhGradient', [y, dy]) }),
  saves: ['y'],
});

/**
 * The hyperbolic tangent `y = (e^x - e^-x) / (e^x + e^-x)`. PyTorch's `tanh`.
 *
 * By the quotient rule `dy/dx = ((e^x + e^-x)^2 - (e^x - e^-x)^2) / (e^x + e^-x)^2 = 1 - y^2`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function tanh(x: Tensor): Tensor {
  expectFloat('tanh', 'input', x);
  return op({ x });
}
