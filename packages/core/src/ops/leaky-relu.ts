import { greater, mul, type Tensor, where } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'leakyRelu',
  forward: ({ x }: { x: Tensor }, { slope }: { slope: number }) => where(greater(x, 0), x, mul(x, slope)),
  backward: ({ x, dy }, { slope }) => ({ x: () => where(greater(x, 0), dy, mul(dy, slope)) }),
  kernel: ({ x }, { slope }, heap) => pointwise(heap, 'leakyRelu', [x], slope),
  backwardKernel: ({ x, dy }, { slope }, heap) => ({ x: () => pointwise(heap, 'leakyReluGradient', [x, dy], slope) }),
  saves: ['x'],
  error: 'exact',
});

/**
 * The leaky rectifier: `y = x` where `x > 0`, else `negativeSlope * x`. PyTorch's `leaky_relu`.
 *
 * `dx = dy` where `x > 0`, else `negativeSlope * dy`.
 *
 * @param x any shape, float32
 * @param negativeSlope the slope below 0; tfjs's default is 0.2
 * @default negativeSlope 0.01
 * @throws DtypeError unless the input is float32
 */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  expectFloat('leakyRelu', 'input', x);
  return op({ x }, { slope: negativeSlope });
}
