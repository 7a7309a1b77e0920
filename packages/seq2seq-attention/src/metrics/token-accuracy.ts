import { type NamedMetric, ShapeError } from '@dl/core';
import { argMax, tidy } from '@dl/core/ops';

/**
 * The share of tokens that have the highest score where they should, under teacher forcing; for `fit` and `evaluate`.
 *
 * Predictions are scores `[batch, time, vocabulary]`, targets token numbers `[batch, time]`.
 *
 * @param options `ignoreIndex`: targets that do not count, the padding 0 unless said
 */
export function tokenAccuracy({ ignoreIndex = 0 }: { ignoreIndex?: number } = {}): NamedMetric {
  let right = 0;
  let total = 0;
  return {
    name: 'tokenAccuracy',
    mode: 'max',
    reset() {
      right = total = 0;
    },
    update(prediction, target) {
      const wanted = target.dataSync();
      if (prediction.rank !== target.rank + 1 || prediction.size !== wanted.length * prediction.shape.at(-1)!) {
        throw new ShapeError('tokenAccuracy', 'predictions are [..., vocabulary], targets [...]', [
          { label: 'prediction', shape: prediction.shape },
          { label: 'target', shape: target.shape },
        ]);
      }
      const best = tidy(() => argMax(prediction, -1).dataSync());
      for (let i = 0; i < wanted.length; i++) {
        if (wanted[i] === ignoreIndex) continue;
        total++;
        if (best[i] === wanted[i]) right++;
      }
    },
    result: () => right / total,
  };
}
