import { div, exp, greater, log, mul, onesLike, sub, sum, where } from '@tensorflow/tfjs-core';
import { defineLoss, type Reduction, reduce } from './loss';
import { floatPair } from './pair-loss';

/** Options of `klDiv`. */
export interface KlDivOptions {
  /**
   * `batchmean`, the sum over the size of the first axis, is the divergence as it is defined; `mean` divides by the number
   * of elements.
   * @default 'mean', as PyTorch
   */
  reduction?: Reduction | 'batchmean' | undefined;
  /** Whether the target is given by its logarithms too. @default false */
  logTarget?: boolean | undefined;
}

/**
 * The Kullback-Leibler divergence of a distribution from the predicted one, element by element `t (ln t - prediction)`,
 * 0 where `t` is 0. PyTorch's `kl_div`: the prediction is given by its logarithms.
 *
 * The gradient by the prediction is `-t`.
 *
 * @param prediction logarithms of probabilities, [batch, ...], float32
 * @param target probabilities, or their logarithms with `logTarget`; the same shape
 * @throws DtypeError unless the prediction is float32
 * @throws ShapeError unless the shapes are equal
 */
export const klDiv = defineLoss<KlDivOptions>(
  'klDiv',
  (prediction, target, { reduction = 'mean', logTarget = false }) => {
    const t = floatPair('klDiv', prediction, target);
    const losses = logTarget
      ? mul(exp(t), sub(t, prediction))
      : mul(t, sub(log(where(greater(t, 0), t, onesLike(t))), prediction));
    if (reduction === 'batchmean') return div(sum(losses), prediction.shape[0] ?? 1);
    return reduce('klDiv', losses, reduction);
  },
);
