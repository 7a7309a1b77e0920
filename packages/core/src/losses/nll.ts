import { cast, mul, neg, notEqual, sum, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';
import { classMask } from '../ops/class-mask';
import { classTargets } from './class-targets';
import { defineLoss, type LossOptions, reduce } from './loss';

/** Options of `nll`. */
export interface NllOptions extends LossOptions {
  /** The target of examples that do not count. @default -100 */
  ignoreIndex?: number | undefined;
  /** Weight of each class, [classes]. @default ones */
  classWeights?: Tensor | undefined;
}

/**
 * The negative log-likelihood of the true classes, `-w[target] logP[target]`: the loss after `logSoftmax`; the two at once
 * are `crossEntropy`. PyTorch's `nll_loss`, with the classes on the last axis. The mean divides by the sum of the weights
 * of the targets that count.
 *
 * @param prediction logarithms of probabilities [..., classes], float32
 * @param target classes by number [...]
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes fit
 * @throws ConfigError where a target is no class
 */
export const nll = defineLoss<NllOptions>(
  'nll',
  (prediction, target, { reduction = 'mean', ignoreIndex = -100, classWeights }) => {
    const classes = classTargets('nll', prediction, target, ignoreIndex, classWeights);
    const counts = notEqual(classes.target, ignoreIndex);
    const hit = classMask(classes.target, prediction.shape.at(-1)!); // [..., classes]
    // -Infinity beside the target costs nothing: no product with 0 is taken.
    const ofTarget = sum(where(hit, prediction, zerosLike(prediction)), -1);
    const weights =
      classWeights === undefined
        ? cast(counts, 'float32')
        : mul(cast(counts, 'float32'), sum(mul(cast(hit, 'float32'), classWeights), -1));
    const losses = where(counts, neg(mul(ofTarget, weights)), zerosLike(ofTarget));
    return reduce('nll', losses, reduction, classes.weight);
  },
);
