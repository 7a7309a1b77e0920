import { abs, clipByValue, div, minimum, mul, neg, sub } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { defineLoss, type LossOptions } from './loss';
import { absolutes } from './mae';
import { pairLoss } from './pair-loss';

/** Options of `smoothL1`. */
export interface SmoothL1Options extends LossOptions {
  /** From which difference on the loss is straight; 0 makes it the absolute error. @default 1 */
  beta?: number | undefined;
}

const elements = pairLoss({
  name: 'smoothL1',
  code: 3,
  forward: (p, t, beta) => {
    const difference = abs(sub(p, t));
    const bent = minimum(difference, beta);
    return div(mul(bent, sub(difference, mul(bent, 0.5))), beta);
  },
  slope: (p, t, beta) => clipByValue(div(sub(p, t), beta), -1, 1),
  targetSlope: (p, t, beta) => neg(clipByValue(div(sub(p, t), beta), -1, 1)),
});

/**
 * The absolute error with its corner rounded: with `d = prediction - target`, the mean of `d^2 / (2 beta)` where
 * `|d| < beta`, else `|d| - beta / 2`. It is the Huber loss over beta. Girshick 2015, PyTorch's `smooth_l1_loss`.
 *
 * The gradient by the prediction is `d / beta`, held within -1 and 1, over n.
 *
 * @param prediction any shape, float32
 * @param target the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 * @throws ConfigError if beta is below 0
 */
export const smoothL1 = defineLoss<SmoothL1Options>('smoothL1', (prediction, target, { reduction, beta = 1 }) => {
  if (!(beta >= 0)) throw new ConfigError('smoothL1', `beta is ${beta}, it must not be below 0`);
  return beta === 0 ? absolutes(prediction, target, reduction) : elements(prediction, target, reduction, beta);
});
