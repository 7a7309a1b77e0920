import { mul, neg, sigmoid, type Tensor } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';
import { stableSoftplus } from './softplus';

const op = defineOp({
  name: 'logSigmoid',
  forward: ({ x }: { x: Tensor }) => neg(stableSoftplus(neg(x))),
  backward: ({ x, dy }) => ({ x: () => mul(dy, sigmoid(neg(x))) }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'logSigmoid', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'logSigmoidGradient', [x, dy]) }),
  saves: ['x'],
  error: '4e-7 relative',
});

/**
 * The logarithm of the logistic function, `y = ln(1 / (1 + e^-x)) = -ln(1 + e^-x)`, precise where the logistic function
 * itself rounds to 0 or 1. PyTorch's `logsigmoid`.
 *
 * `dy/dx = e^-x / (1 + e^-x) = sigmoid(-x)`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function logSigmoid(x: Tensor): Tensor {
  expectFloat('logSigmoid', 'input', x);
  return op({ x });
}
