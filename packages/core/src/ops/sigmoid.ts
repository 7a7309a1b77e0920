import { mul, sub, type Tensor, sigmoid as tfSigmoid } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'sigmoid',
  forward: ({ x }: { x: Tensor }) => tfSigmoid(x),
  backward: ({ y, dy }) => ({ x: () => mul(dy, mul(y, sub(1, y))) }),
  backwardKernel: ({ y, dy }, _, heap) => ({ x: () => pointwise(heap, 'sigmoidGradient', [y, dy]) }),
  saves: ['y'],
});

/**
 * The logistic function `y = 1 / (1 + e^-x)`, element by element. PyTorch's `sigmoid`.
 *
 * Its gradient, node by node through the graph `x -> (* -1) -> exp -> (+ 1) -> (1 /) -> y`, from right to left:
 *
 * ```
 * 1 / a    dy/da = -1 / a^2 = -y^2                          dy * -y^2
 * 1 + b    da/db = 1                                        dy * -y^2
 * exp(c)   db/dc = e^c = e^-x                               dy * -y^2 e^-x
 * -x       dc/dx = -1                                       dy * y^2 e^-x
 * ```
 *
 * and since `e^-x = (1 - y) / y`, that is `dx = dy * y (1 - y)`: the output alone is enough.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { grad, sigmoid, tensor } from '@dl/core/ops';
 *
 * await init();
 * sigmoid(tensor([0])).dataSync(); // [0.5]
 * grad(sigmoid)(tensor([0])).dataSync(); // [0.25]
 * ```
 */
export function sigmoid(x: Tensor): Tensor {
  expectFloat('sigmoid', 'input', x);
  return op({ x });
}
