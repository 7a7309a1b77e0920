import { add, cast, div, expandDims, mul, relu, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { classMask } from '../ops/class-mask';
import { classTargets } from './class-targets';
import { defineLoss, type LossOptions, reduce } from './loss';

/** Options of `multiMargin`. */
export interface MultiMarginOptions extends LossOptions {
  /** By how much the true class must lead. @default 1 */
  margin?: number | undefined;
  /** The power of each excess. @default 1 */
  p?: 1 | 2 | undefined;
  /** Weight of each class, [classes]; the mean still divides by the number of examples. @default ones */
  classWeights?: Tensor | undefined;
}

/**
 * The hinge loss of several classes: `sum over j but the target of w[t] max(0, margin - x[t] + x[j])^p / classes`.
 * PyTorch's `multi_margin_loss`, with the classes on the last axis.
 *
 * @param prediction scores [..., classes], float32
 * @param target classes by number [...]
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes fit
 * @throws ConfigError where a target is no class
 */
export const multiMargin = defineLoss<MultiMarginOptions>(
  'multiMargin',
  (prediction, target, { reduction = 'mean', margin = 1, p = 1, classWeights }) => {
    const classes = classTargets('multiMargin', prediction, target, undefined, classWeights);
    const count = prediction.shape.at(-1)!;
    const hot = cast(classMask(classes.target, count), 'float32'); // [..., classes]
    const ofTarget = expandDims(sum(mul(hot, prediction), -1), -1); // [..., 1]
    const excess = mul(sub(1, hot), relu(add(sub(prediction, ofTarget), margin)));
    const losses = div(sum(p === 2 ? square(excess) : excess, -1), count);
    const weighted = classWeights === undefined ? losses : mul(losses, sum(mul(hot, classWeights), -1));
    return reduce('multiMargin', weighted, reduction);
  },
);
