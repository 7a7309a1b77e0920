import { abs, add, div, exp, log1p, mul, neg, relu, sigmoid, type Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'softplus',
  forward: ({ x }: { x: Tensor }, { beta }: { beta: number }) => div(stableSoftplus(mul(x, beta)), beta),
  backward: ({ x, dy }, { beta }) => ({ x: () => mul(dy, sigmoid(mul(x, beta))) }),
  kernel: ({ x }, { beta }, heap) => pointwise(heap, 'softplusOf', [x], beta),
  backwardKernel: ({ x, dy }, { beta }, heap) => ({ x: () => pointwise(heap, 'softplusOfGradient', [x, dy], beta) }),
  saves: ['x'],
  error: '4e-7 relative',
});

/** `ln(1 + e^x)` as `max(x, 0) + ln(1 + e^-|x|)`, out of tfjs operations: no overflow, and precise on both sides. */
export function stableSoftplus(x: Tensor): Tensor {
  return add(relu(x), log1p(exp(neg(abs(x)))));
}

/**
 * The smooth rectifier `y = ln(1 + e^(beta x)) / beta`. PyTorch's `softplus`.
 *
 * `dy/dx = e^(beta x) / (1 + e^(beta x)) = sigmoid(beta x)`. Computed without overflow at every `x`, so that PyTorch's
 * `threshold`, from which it returns `x` itself, is not needed: the two agree in float32.
 *
 * @param x any shape, float32
 * @param beta sharpness: the larger, the closer to `relu`
 * @default beta 1
 * @throws DtypeError unless the input is float32
 * @throws ConfigError unless beta is above 0
 */
export function softplus(x: Tensor, beta = 1): Tensor {
  expectFloat('softplus', 'input', x);
  if (!(beta > 0)) throw new ConfigError('softplus', `beta is ${beta}, it must be above 0`);
  return op({ x }, { beta });
}
