import { add, div, log, maximum, mul, neg, sub, type Tensor } from '@tensorflow/tfjs-core';
import { expectWithin } from './expect-within';
import { defineLoss, type LossOptions } from './loss';
import { pairLoss } from './pair-loss';

const LOG_FLOOR = -100;

const logOf = (x: Tensor) => maximum(log(x), LOG_FLOOR);

const elements = pairLoss({
  name: 'bce',
  code: 5,
  forward: (p, t) => neg(add(mul(t, logOf(p)), mul(sub(1, t), logOf(sub(1, p))))),
  slope: (p, t) => div(sub(p, t), maximum(mul(sub(1, p), p), 1e-12)),
  targetSlope: (p) => sub(logOf(sub(1, p)), logOf(p)),
});

/**
 * The binary cross-entropy of probabilities: the mean of `-(t ln p + (1 - t) ln(1 - p))`. PyTorch's
 * `binary_cross_entropy`. `bceWithLogits` is preciser: it takes the scores before the logistic function.
 *
 * Logarithms are held above -100, so that the loss stays finite at 0 and 1. The gradient by the prediction is
 * `(p - t) / (p (1 - p)) / n`, its divisor held above 1e-12.
 *
 * @param prediction probabilities from 0 to 1, any shape, float32
 * @param target probabilities or classes 0 and 1, the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 * @throws ConfigError where a prediction is not from 0 to 1
 */
export const bce = defineLoss<LossOptions>('bce', (prediction, target, { reduction }) => {
  expectWithin('bce', 'prediction', prediction, 0, 1, 'scores that are no probabilities are for bceWithLogits');
  return elements(prediction, target, reduction);
});
