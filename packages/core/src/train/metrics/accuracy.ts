import { classLabels, type LabelOptions } from './class-labels';
import type { NamedMetric } from './named-metric';

/**
 * The share of examples whose class is predicted right: right / all. scikit-learn's `accuracy_score`.
 *
 * Predictions are logits or probabilities `[..., classes]` with targets `[...]` (class numbers) or one-hot
 * `[..., classes]`; or one number an example, which `threshold` decides.
 *
 * @example
 * ```ts
 * await evaluate(model, test.batch(256), { loss: crossEntropy, metrics: { accuracy: accuracy() } });
 * ```
 */
export function accuracy(options: LabelOptions = {}): NamedMetric {
  let right = 0;
  let total = 0;
  return {
    name: 'accuracy',
    mode: 'max',
    reset() {
      right = total = 0;
    },
    update(prediction, target) {
      const { predicted, actual } = classLabels('accuracy', prediction, target, options);
      for (let i = 0; i < actual.length; i++) if (predicted[i] === actual[i]) right++;
      total += actual.length;
    },
    result: () => right / total,
  };
}
