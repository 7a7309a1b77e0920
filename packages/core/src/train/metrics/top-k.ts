import { ConfigError, ShapeError } from '../../errors';
import { isWithoutLastAxis } from './class-labels';
import type { NamedMetric } from './named-metric';

/**
 * The share of examples whose true class is among the `k` with the highest scores. scikit-learn's
 * `top_k_accuracy_score`; of equal scores the lower class counts as the higher one.
 *
 * @param k how many guesses count
 * @param options `ignoreIndex`: targets of this class do not count
 * @throws ConfigError for k below 1; at the update, where there are no more than k classes
 *
 * @example
 * ```ts
 * metrics: { accuracy: accuracy(), top5: topK(5) }
 * ```
 */
export function topK(k: number, { ignoreIndex }: { ignoreIndex?: number } = {}): NamedMetric {
  if (!Number.isInteger(k) || k < 1) throw new ConfigError('topK', `k is ${k}`, 'give a whole number from 1');
  let right = 0;
  let total = 0;
  return {
    name: `top${k}`,
    mode: 'max',
    reset() {
      right = total = 0;
    },
    update(prediction, target) {
      const classes = prediction.shape.at(-1) ?? 0;
      if (!isWithoutLastAxis(target, prediction)) {
        throw new ShapeError('topK', 'predictions are [..., classes], targets [...]', [
          { label: 'prediction', shape: prediction.shape },
          { label: 'target', shape: target.shape },
        ]);
      }
      if (k >= classes) throw new ConfigError('topK', `k is ${k}, of ${classes} classes: every guess would be right`);
      const scores = prediction.dataSync();
      const actual = target.dataSync();
      for (let row = 0; row < actual.length; row++) {
        const label = actual[row]!;
        if (label === ignoreIndex) continue;
        const start = row * classes;
        const score = scores[start + label]!;
        let better = 0;
        for (let c = 0; c < classes; c++) {
          if (scores[start + c]! > score || (scores[start + c] === score && c < label)) better++;
        }
        total++;
        if (better < k && label >= 0 && label < classes && !Number.isNaN(score)) right++;
      }
    },
    result: () => right / total,
  };
}
