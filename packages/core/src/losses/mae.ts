import { abs, sign, sub } from '@tensorflow/tfjs-core';
import { defineLoss, type LossOptions } from './loss';
import { pairLoss } from './pair-loss';

/** |prediction - target|, with its reduction. */
export const absolutes = pairLoss({
  name: 'mae',
  code: 1,
  forward: (p, t) => abs(sub(p, t)),
  slope: (p, t) => sign(sub(p, t)),
  targetSlope: (p, t) => sign(sub(t, p)),
});

/**
 * The mean absolute error, `mean(|prediction - target|)`. PyTorch's `l1_loss`.
 *
 * The gradient by the prediction is `sign(prediction - target) / n`, 0 where the two are equal.
 *
 * @param prediction any shape, float32
 * @param target the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 */
export const mae = defineLoss<LossOptions>('mae', (prediction, target, { reduction }) =>
  absolutes(prediction, target, reduction),
);
