import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, NumericsError, ShapeError } from '../../errors';
import type { NamedMetric } from './named-metric';

/**
 * The area under the ROC curve: the probability that a positive example has a higher score than a negative one, equal
 * scores counting half (Mann-Whitney). scikit-learn's `roc_auc_score`.
 *
 * Predictions are scores `[batch]`, `[batch, 1]`, or two classes `[batch, 2]`; logits serve as well as probabilities.
 * Targets are 0 and 1. All scores are kept until the reset. NaN where there is one class only.
 */
export function rocAuc(): NamedMetric {
  return overScores('rocAuc', rocAucScore);
}

/**
 * The area under the precision-recall curve, as a sum over the thresholds: sum (R_n - R_n-1) P_n. scikit-learn's
 * `average_precision_score`. Predictions and targets as for `rocAuc`; 0 where nothing is positive.
 */
export function averagePrecision(): NamedMetric {
  return overScores('averagePrecision', averagePrecisionScore);
}

/**
 * `rocAuc` of plain numbers.
 *
 * @param scores higher for more positive
 * @param labels 1 (or true) for positive, 0 (or false) for negative
 *
 * @example
 * ```ts
 * import { rocAucScore } from '@dl/core';
 * rocAucScore([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]); // 0.75
 * ```
 */
export function rocAucScore(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): number {
  let [above, positives, negatives] = [0, 0, 0];
  // From the highest score down: each negative lies below all positives seen before, and level with those of its score.
  for (const { positive, negative } of groupsByScore('rocAuc', scores, labels)) {
    above += negative * (positives + positive / 2);
    positives += positive;
    negatives += negative;
  }
  return above / (positives * negatives);
}

/** `averagePrecision` of plain numbers; parameters as for `rocAucScore`. */
export function averagePrecisionScore(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): number {
  let [sum, positives, seen] = [0, 0, 0];
  for (const { positive, negative } of groupsByScore('averagePrecision', scores, labels)) {
    positives += positive;
    seen += positive + negative;
    sum += positive * (positives / seen);
  }
  if (seen === 0) return Number.NaN;
  return positives === 0 ? 0 : sum / positives;
}

/** Positives and negatives of each distinct score, from the highest down. */
function* groupsByScore(where: string, scores: ArrayLike<number>, labels: ArrayLike<number | boolean>) {
  if (scores.length !== labels.length) {
    throw new ShapeError(where, `${scores.length} scores for ${labels.length} labels`);
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new NumericsError(`${where}: score ${i} is NaN`);
    const label = Number(labels[i]);
    if (label !== 0 && label !== 1) throw new ConfigError(where, `label ${i} is ${label}`, 'labels are 0 and 1');
  }
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) =>
    compare(scores[b]!, scores[a]!),
  );
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!];
    let [positive, negative] = [0, 0];
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (Number(labels[order[i]!]) === 1) positive++;
      else negative++;
    }
    yield { positive, negative };
  }
}

/** Unlike a difference, right for two infinite numbers. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function overScores(name: string, score: (scores: number[], labels: number[]) => number): NamedMetric {
  let scores: number[] = [];
  let labels: number[] = [];
  return {
    name,
    mode: 'max',
    reset() {
      scores = [];
      labels = [];
    },
    update(prediction, target) {
      const values = positiveScores(name, prediction);
      const actual = target.dataSync();
      if (actual.length !== values.length) {
        throw new ShapeError(name, 'predictions are [batch], [batch, 1] or [batch, 2], targets [batch]', [
          { label: 'prediction', shape: prediction.shape },
          { label: 'target', shape: target.shape },
        ]);
      }
      for (let i = 0; i < values.length; i++) {
        scores.push(values[i]!);
        labels.push(actual[i]!);
      }
    },
    result: () => (scores.length === 0 ? Number.NaN : score(scores, labels)),
  };
}

/** One score an example; of two classes, by how much the second is above the first. */
function positiveScores(where: string, prediction: Tensor): ArrayLike<number> {
  const values = prediction.dataSync();
  const columns = prediction.rank < 2 ? 1 : prediction.shape.at(-1)!;
  if (columns === 1) return values;
  if (columns === 2)
    return Float64Array.from({ length: values.length / 2 }, (_, i) => values[2 * i + 1]! - values[2 * i]!);
  throw new ShapeError(where, `is of two classes, the prediction has ${columns}`, [
    { label: 'prediction', shape: prediction.shape },
  ]);
}
