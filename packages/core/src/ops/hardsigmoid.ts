import { add, clipByValue, div, greater, less, logicalAnd, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'hardsigmoid',
  forward: ({ x }: { x: Tensor }) => div(clipByValue(add(x, 3), 0, 6), 6),
  backward: ({ x, dy }) => ({
    x: () => where(logicalAnd(greater(x, -3), less(x, 3)), div(dy, 6), zerosLike(dy)),
  }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'hardsigmoid', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'hardsigmoidGradient', [x, dy]) }),
  saves: ['x'],
  error: '2e-7 relative',
});

/**
 * The logistic function in three straight pieces: `y = min(max(x + 3, 0), 6) / 6`. PyTorch's `hardsigmoid`.
 *
 * `dx = dy / 6` where `-3 < x < 3`, else 0.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function hardsigmoid(x: Tensor): Tensor {
  expectFloat('hardsigmoid', 'input', x);
  return op({ x });
}
