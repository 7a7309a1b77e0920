import { ConfigError, ShapeError } from '../../errors';
import { isWithoutLastAxis } from './class-labels';
import type { NamedMetric } from './named-metric';

/**
 * How many equally likely words the model hesitates between: exp(mean over the tokens of -log p(token)).
 *
 * Predictions are logits or log-probabilities `[..., classes]`, targets class numbers `[...]`.
 *
 * @param options `ignoreIndex`: targets of this class do not count, -100 by default as in PyTorch's cross-entropy
 */
export function perplexity({ ignoreIndex = -100 }: { ignoreIndex?: number } = {}): NamedMetric {
  let sum = 0;
  let count = 0;
  return {
    name: 'perplexity',
    mode: 'min',
    reset() {
      sum = count = 0;
    },
    update(prediction, target) {
      if (!isWithoutLastAxis(target, prediction)) {
        throw new ShapeError('perplexity', 'predictions are [..., classes], targets [...]', [
          { label: 'prediction', shape: prediction.shape },
          { label: 'target', shape: target.shape },
        ]);
      }
      const classes = prediction.shape.at(-1)!;
      const logits = prediction.dataSync();
      const tokens = target.dataSync();
      for (let row = 0; row < tokens.length; row++) {
        const token = tokens[row]!;
        if (token === ignoreIndex) continue;
        if (!(token >= 0 && token < classes)) {
          throw new ConfigError(
            'perplexity',
            `target ${row} is ${token}, of ${classes} classes`,
            'ignoreIndex leaves a class out',
          );
        }
        const start = row * classes;
        let largest = Number.NEGATIVE_INFINITY;
        for (let i = start; i < start + classes; i++) largest = Math.max(largest, logits[i]!);
        let total = 0;
        for (let i = start; i < start + classes; i++) total += Math.exp(logits[i]! - largest);
        sum += largest + Math.log(total) - logits[start + token]!;
        count++;
      }
    },
    result: () => Math.exp(sum / count),
  };
}
