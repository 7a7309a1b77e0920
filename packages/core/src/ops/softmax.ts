import { mul, sub, sum, type Tensor, softmax as tfSoftmax } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { alongLastAxis, onRows } from './last-axis';

const op = defineOp({
  name: 'softmax',
  forward: ({ x }: { x: Tensor }) => tfSoftmax(x),
  backward: ({ y, dy }) => ({
    x: () => {
      const weighted = mul(dy, y);
      return sub(weighted, mul(y, sum(weighted, -1, true)));
    },
  }),
  backwardKernel: ({ y, dy }, _, heap) => ({ x: () => onRows(heap, 'softmaxGradient', [y, dy]) }),
  saves: ['y'],
});

/**
 * Turns each row of scores into probabilities: `y_i = e^(x_i) / sum_j e^(x_j)`. PyTorch's `softmax`.
 *
 * The quotient rule gives `dy_i/dx_j = y_i (1[i = j] - y_j)`: every output depends on every input of its row. Times the
 * upstream gradient and summed over the outputs, `dx_j = y_j (dy_j - sum_i dy_i y_i)`.
 *
 * The largest score of a row is subtracted first, which changes nothing and avoids overflow. A row of `-Infinity` alone has
 * no probabilities: it gives NaN, as in PyTorch.
 *
 * @param x any shape but a scalar, float32
 * @param axis along which the probabilities sum to 1; negative counts from the end
 * @default axis -1
 * @throws DtypeError unless the input is float32
 * @throws ShapeError if there is no such axis
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  expectFloat('softmax', 'input', x);
  return alongLastAxis('softmax', x, axis, (rows) => op({ x: rows }));
}
