import { mean, mul, sum, type Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';

/** What becomes of the losses of single elements or examples: their mean, their sum, or themselves. */
export type Reduction = 'mean' | 'sum' | 'none';

/** The option that every loss has. */
export interface LossOptions {
  /** @default 'mean' */
  reduction?: Reduction | undefined;
}

/**
 * A loss: how far a prediction is from its target. Call it, hand it to `fit`, or fix its options by `with`.
 *
 * @typeParam Options what may be set
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { crossEntropy } from '@dl/core/losses';
 * import { tensor } from '@dl/core/ops';
 *
 * await init();
 * const smooth = crossEntropy.with({ labelSmoothing: 0.1 }); // fit(model, { data, loss: smooth, ... })
 * smooth(tensor([[2, 0, 1]]), tensor([0], [1], 'int32')).dataSync(); // [0.5076]
 * ```
 */
export interface Loss<Options extends object = LossOptions> {
  (prediction: Tensor, target: Tensor, options?: Options): Tensor;
  /** The same loss with other defaults; options given at the call still win. */
  with(options: Options): Loss<Options>;
}

/** Defines a loss from its computation. */
export function defineLoss<Options extends object>(
  name: string,
  compute: (prediction: Tensor, target: Tensor, options: Partial<Options>) => Tensor,
): Loss<Options> {
  const loss = (prediction: Tensor, target: Tensor, options?: Options) => compute(prediction, target, options ?? {});
  Object.defineProperty(loss, 'name', { value: name });
  return Object.assign(loss, {
    with: (fixed: Options) =>
      defineLoss<Options>(name, (prediction, target, options) => compute(prediction, target, { ...fixed, ...options })),
  });
}

/**
 * Applies a reduction to losses.
 *
 * @param count what the mean divides by
 * @default count the number of losses
 */
export function reduce(where: string, losses: Tensor, reduction: Reduction, count = losses.size): Tensor {
  switch (reduction) {
    case 'mean':
      return count === losses.size && count > 0 ? mean(losses) : mul(sum(losses), 1 / count);
    case 'sum':
      return sum(losses);
    case 'none':
      return losses;
    default:
      throw unknownReduction(where, reduction);
  }
}

/** The error for a reduction that there is not. */
export function unknownReduction(where: string, reduction: string): ConfigError {
  return new ConfigError(where, `the reduction '${reduction}' is not known`, "give 'mean', 'sum' or 'none'");
}
