import { abs, clipByValue, minimum, mul, neg, sub } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { defineLoss, type LossOptions } from './loss';
import { pairLoss } from './pair-loss';

/** Options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** From which difference on the loss is straight. @default 1 */
  delta?: number | undefined;
}

const elements = pairLoss({
  name: 'huber',
  code: 2,
  forward: (p, t, delta) => {
    const difference = abs(sub(p, t));
    const bent = minimum(difference, delta);
    return mul(bent, sub(difference, mul(bent, 0.5)));
  },
  slope: (p, t, delta) => clipByValue(sub(p, t), -delta, delta),
  targetSlope: (p, t, delta) => neg(clipByValue(sub(p, t), -delta, delta)),
});

/**
 * Squared near 0, absolute far from it, so that outliers pull less: with `d = prediction - target`, the mean of `d^2 / 2`
 * where `|d| <= delta`, else `delta (|d| - delta / 2)`. Huber 1964, PyTorch's `huber_loss`.
 *
 * The gradient by the prediction is `d`, held within `-delta` and `delta`, over n.
 *
 * @param prediction any shape, float32
 * @param target the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 * @throws ConfigError unless delta is above 0
 */
export const huber = defineLoss<HuberOptions>('huber', (prediction, target, { reduction, delta = 1 }) => {
  if (!(delta > 0)) throw new ConfigError('huber', `delta is ${delta}, it must be above 0`);
  return elements(prediction, target, reduction, delta);
});
