import { lessEqual, type Tensor, relu as tfRelu, where, zerosLike } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'relu',
  forward: ({ x }: { x: Tensor }) => tfRelu(x),
  backward: ({ y, dy }) => ({ x: () => where(lessEqual(y, 0), zerosLike(dy), dy) }),
  backwardKernel: ({ y, dy }, _, heap) => ({ x: () => pointwise(heap, 'reluGradient', [y, dy]) }),
  saves: ['y'],
});

/**
 * The rectifier `y = max(x, 0)`. PyTorch's `relu`.
 *
 * The gradient passes where `x > 0` and stops elsewhere. At 0 it is 0, a subgradient, as in PyTorch. Since `y > 0` exactly
 * where `x > 0`, the output alone is enough.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function relu(x: Tensor): Tensor {
  expectFloat('relu', 'input', x);
  return op({ x });
}
