import { add, mul, neg, sub, type Tensor, sigmoid as tfSigmoid } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { expectFloat } from '../ops/checks';
import { softplus, stableSoftplus } from '../ops/softplus';
import { defineLoss, type LossOptions, reduce } from './loss';
import { floatPair, pairLoss } from './pair-loss';

/** Options of `bceWithLogits`. */
export interface BceWithLogitsOptions extends LossOptions {
  /** Weight of the positive part, [size of the last axis] or [1]: above 1 for classes that are rare. @default ones */
  posWeight?: Tensor | undefined;
}

const elements = pairLoss({
  name: 'bceWithLogits',
  code: 4,
  forward: (p, t) => sub(stableSoftplus(p), mul(p, t)),
  slope: (p, t) => sub(tfSigmoid(p), t),
  targetSlope: (p) => neg(p),
});

/**
 * The binary cross-entropy of scores, with `p = sigmoid(prediction)` the mean of `-(w t ln p + (1 - t) ln(1 - p))`, where
 * `w` is `posWeight`. PyTorch's `binary_cross_entropy_with_logits`.
 *
 * Since `-ln p = softplus(-x)` and `-ln(1 - p) = softplus(x) = x + softplus(-x)`, it is computed as
 * `(1 - t) x + (1 + (w - 1) t) softplus(-x)`, precise at any score. The gradient by the prediction is `(p - t) / n` where
 * `w` is 1.
 *
 * @param prediction scores, any shape, float32
 * @param target probabilities or classes 0 and 1, the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal and posWeight fits the last axis
 */
export const bceWithLogits = defineLoss<BceWithLogitsOptions>(
  'bceWithLogits',
  (prediction, target, { reduction = 'mean', posWeight }) => {
    if (posWeight === undefined) return elements(prediction, target, reduction);
    const t = floatPair('bceWithLogits', prediction, target);
    expectFloat('bceWithLogits', 'posWeight', posWeight);
    if (posWeight.rank > 1 || (posWeight.size !== 1 && posWeight.size !== prediction.shape.at(-1))) {
      throw new ShapeError('bceWithLogits', 'posWeight does not fit the last axis of the prediction', [
        { label: 'prediction', shape: prediction.shape },
        { label: 'posWeight', shape: posWeight.shape },
      ]);
    }
    const weight = add(1, mul(sub(posWeight, 1), t));
    const losses = add(mul(sub(1, t), prediction), mul(weight, softplus(neg(prediction))));
    return reduce('bceWithLogits', losses, reduction);
  },
);
