import { exp, log, max, mul, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { alongLastAxis, onRows } from './last-axis';

const op = defineOp({
  name: 'logSoftmax',
  forward: ({ x }: { x: Tensor }) => composedLogSoftmax(x),
  backward: ({ y, dy }) => ({ x: () => sub(dy, mul(exp(y), sum(dy, -1, true))) }),
  kernel: ({ x }, _, heap) => onRows(heap, 'logSoftmax', [x]),
  backwardKernel: ({ y, dy }, _, heap) => ({ x: () => onRows(heap, 'logSoftmaxGradient', [y, dy]) }),
  saves: ['y'],
  error: '1e-6 relative',
});

/** Log-softmax over the last axis, out of tfjs operations. */
export function composedLogSoftmax(x: Tensor): Tensor {
  const shifted = sub(x, max(x, -1, true));
  return sub(shifted, log(sum(exp(shifted), -1, true)));
}

/**
 * The logarithms of the probabilities of `softmax`: `y_i = x_i - ln sum_j e^(x_j)`, precise where the probabilities
 * themselves round to 0. PyTorch's `log_softmax`.
 *
 * `dy_i/dx_j = 1[i = j] - e^(y_j)`, so `dx_j = dy_j - e^(y_j) sum_i dy_i`.
 *
 * @param x any shape but a scalar, float32
 * @param axis the axis of the classes; negative counts from the end
 * @default axis -1
 * @throws DtypeError unless the input is float32
 * @throws ShapeError if there is no such axis
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  expectFloat('logSoftmax', 'input', x);
  return alongLastAxis('logSoftmax', x, axis, (rows) => op({ x: rows }));
}
