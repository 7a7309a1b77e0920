import { mul, square, sub } from '@tensorflow/tfjs-core';
import { defineLoss, type LossOptions } from './loss';
import { pairLoss } from './pair-loss';

const squares = pairLoss({
  name: 'mse',
  code: 0,
  forward: (p, t) => square(sub(p, t)),
  slope: (p, t) => mul(2, sub(p, t)),
  targetSlope: (p, t) => mul(2, sub(t, p)),
});

/**
 * The mean squared error, `mean((prediction - target)^2)`. PyTorch's `mse_loss`.
 *
 * The gradient by the prediction is `2 (prediction - target) / n`.
 *
 * @param prediction any shape, float32
 * @param target the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { mse } from '@dl/core/losses';
 * import { tensor } from '@dl/core/ops';
 *
 * await init();
 * mse(tensor([1, 2]), tensor([1, 4])).dataSync(); // [2]
 * ```
 */
export const mse = defineLoss<LossOptions>('mse', (prediction, target, { reduction }) =>
  squares(prediction, target, reduction),
);
