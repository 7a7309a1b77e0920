import { add, mul, neg, sum, type Tensor } from '@tensorflow/tfjs-core';
import { expectFloat, expectRange, sameShape } from '../ops/checks';
import { logSoftmax } from '../ops/log-softmax';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy';
import { classTargets, readClassWeights } from './class-targets';
import { defineLoss, type LossOptions, reduce } from './loss';

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends LossOptions {
  /** The share of each target that goes to all classes alike, from 0 to 1. @default 0 */
  labelSmoothing?: number | undefined;
  /** The target of examples that do not count. @default -100 */
  ignoreIndex?: number | undefined;
  /** Weight of each class, [classes]. @default ones */
  classWeights?: Tensor | undefined;
}

/**
 * The cross-entropy between the softmax of scores and the true classes, `-ln p[target]`. PyTorch's `cross_entropy`, with
 * the classes on the last axis.
 *
 * With `labelSmoothing` e, the target is `1 - e` at its class plus `e / classes` everywhere. With `classWeights`, an
 * example counts as its class weighs, and the mean divides by the sum of these weights. Examples with `ignoreIndex` have no
 * loss, no gradient, and no part in the mean; where none is left, the mean is NaN as in PyTorch. The gradient by the
 * scores is `p - target` for each example, over what the mean divides by.
 *
 * @param prediction scores (logits) [..., classes], float32
 * @param target classes by number [...]; or probabilities [..., classes], float32
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes fit
 * @throws ConfigError where a target is no class, or the smoothing is not from 0 to 1
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { crossEntropy } from '@dl/core/losses';
 * import { tensor } from '@dl/core/ops';
 *
 * await init();
 * crossEntropy(tensor([[2, 0, 1], [0, 3, 0]]), tensor([0, 1], [2], 'int32')).dataSync(); // [0.2513]
 * ```
 */
export const crossEntropy = defineLoss<CrossEntropyOptions>(
  'crossEntropy',
  (prediction, target, { reduction = 'mean', labelSmoothing = 0, ignoreIndex = -100, classWeights }) => {
    expectRange('crossEntropy', 'labelSmoothing', labelSmoothing, 0, 1);
    if (target.rank === prediction.rank && sameShape(target.shape, prediction.shape)) {
      return ofProbabilities(prediction, target, { reduction, labelSmoothing, classWeights });
    }
    const classes = classTargets('crossEntropy', prediction, target, ignoreIndex, classWeights);
    const losses = softmaxCrossEntropy(
      { logits: prediction, target: classes.target, weights: classWeights },
      { smoothing: labelSmoothing, ignoreIndex },
    );
    return reduce('crossEntropy', losses, reduction, classes.weight);
  },
);

/** Targets that are probabilities: `-sum_j w_j q_j ln p_j`. */
function ofProbabilities(
  prediction: Tensor,
  target: Tensor,
  {
    reduction,
    labelSmoothing,
    classWeights,
  }: CrossEntropyOptions & { reduction: 'mean' | 'sum' | 'none'; labelSmoothing: number },
): Tensor {
  expectFloat('crossEntropy', 'prediction', prediction);
  expectFloat('crossEntropy', 'target', target);
  const classes = prediction.shape.at(-1) ?? 0;
  if (classWeights !== undefined) readClassWeights('crossEntropy', classWeights, classes);
  const smooth = labelSmoothing === 0 ? target : add(mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  const weighted = classWeights === undefined ? smooth : mul(smooth, classWeights);
  return reduce('crossEntropy', neg(sum(mul(weighted, logSoftmax(prediction)), -1)), reduction);
}
