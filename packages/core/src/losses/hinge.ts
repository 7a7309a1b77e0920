import { mul, relu, square, sub } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { defineLoss, type LossOptions, reduce } from './loss';
import { floatPair } from './pair-loss';

/** Options of `hinge`. */
export interface HingeOptions extends LossOptions {
  /** How far on the right side a score must be to cost nothing. @default 1 */
  margin?: number | undefined;
  /** Squares each loss. @default false */
  squared?: boolean | undefined;
}

/**
 * The loss of the support vector machine, `max(0, margin - target * prediction)`, element by element. scikit-learn's
 * `hinge_loss`; for several classes see `multiMargin`.
 *
 * The gradient by the prediction is `-target` where the loss is above 0, else 0.
 *
 * @param prediction scores, any shape, float32
 * @param target classes -1 and 1, the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 * @throws ConfigError where a target is neither -1 nor 1
 */
export const hinge = defineLoss<HingeOptions>(
  'hinge',
  (prediction, target, { reduction = 'mean', margin = 1, squared = false }) => {
    const t = floatPair('hinge', prediction, target);
    expectSigns('hinge', 'target', target.dataSync());
    const losses = relu(sub(margin, mul(t, prediction)));
    return reduce('hinge', squared ? square(losses) : losses, reduction);
  },
);

/** Expects the values -1 and 1 alone. */
export function expectSigns(where: string, label: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 1 && values[i] !== -1) {
      throw new ConfigError(where, `${label} ${i} is ${values[i]}, it must be -1 or 1`, 'classes 0 and 1: 2 * x - 1');
    }
  }
}
