import { ConfigError } from '../../errors';
import type { LabelOptions } from './class-labels';
import { type ClassCounts, ConfusionMatrix } from './confusion-matrix';
import type { NamedMetric } from './named-metric';

/** Options of `precision`, `recall` and `f1`: scikit-learn's. */
export interface AverageOptions extends LabelOptions {
  /**
   * `binary`: of class 1 alone, where there are only 0 and 1. `micro`: of all decisions together. `macro`: the mean over
   * the classes. `weighted`: their mean weighted by the number of examples of each.
   * @default 'binary'
   */
  average?: 'binary' | 'micro' | 'macro' | 'weighted';
  /**
   * The number of classes: all of them then count in the mean. scikit-learn's `labels=range(classes)`.
   * @default those that occur among predictions or targets
   */
  classes?: number;
  /**
   * What a class without predictions has for precision, one without examples for recall, one with neither for F1. NaN
   * leaves it out of the mean.
   * @default 0
   */
  zeroDivision?: number;
}

/** true positives / predicted positives. scikit-learn's `precision_score`. */
export function precision(options: AverageOptions = {}): NamedMetric {
  return averaged('precision', options, ({ truePositives, predicted }) => [truePositives, predicted]);
}

/** true positives / actual positives. scikit-learn's `recall_score`. */
export function recall(options: AverageOptions = {}): NamedMetric {
  return averaged('recall', options, ({ truePositives, actual }) => [truePositives, actual]);
}

/**
 * The harmonic mean of precision and recall: 2 tp / (predicted + actual). scikit-learn's `f1_score`.
 *
 * @example
 * ```ts
 * metrics: { f1: f1({ average: 'macro' }) }
 * ```
 */
export function f1(options: AverageOptions = {}): NamedMetric {
  return averaged('f1', options, ({ truePositives, predicted, actual }) => [2 * truePositives, predicted + actual]);
}

/**
 * Precision and recall weighed: (1 + b^2) tp / (predicted + b^2 actual). scikit-learn's `fbeta_score`.
 *
 * @param beta how many times more recall matters
 */
export function fBeta(beta: number, options: AverageOptions = {}): NamedMetric {
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY))
    throw new ConfigError('fBeta', `beta is ${beta}`, 'give a number above 0');
  const b2 = beta * beta;
  return averaged(`f${beta}`, options, ({ truePositives, predicted, actual }) => [
    (1 + b2) * truePositives,
    predicted + b2 * actual,
  ]);
}

function averaged(
  name: string,
  options: AverageOptions,
  parts: (counts: ClassCounts) => [numerator: number, denominator: number],
): NamedMetric {
  const { average = 'binary', zeroDivision = 0 } = options;
  const matrix = new ConfusionMatrix(options);
  const score = (counts: ClassCounts) => {
    const [numerator, denominator] = parts(counts);
    return denominator === 0 ? zeroDivision : numerator / denominator;
  };
  const result = () => {
    if (matrix.total === 0) return Number.NaN;
    const all = matrix.perClass;
    if (average === 'binary') {
      const stranger = all.findIndex(({ predicted, actual }, c) => c > 1 && predicted + actual > 0);
      if (stranger > 0) {
        throw new ConfigError(
          name,
          `average 'binary' is of the classes 0 and 1, there is a class ${stranger}`,
          "average: 'macro'",
        );
      }
      return score(all[1] ?? { truePositives: 0, predicted: 0, actual: 0 });
    }
    if (average === 'micro') {
      const sum = (key: keyof ClassCounts) => all.reduce((total, counts) => total + counts[key], 0);
      return score({ truePositives: sum('truePositives'), predicted: sum('predicted'), actual: sum('actual') });
    }
    const counted = options.classes === undefined ? all.filter((c) => c.predicted + c.actual > 0) : all;
    let [sum, weights] = [0, 0];
    for (const counts of counted) {
      const value = score(counts);
      if (Number.isNaN(value)) continue;
      const weight = average === 'macro' ? 1 : counts.actual;
      sum += weight * value;
      weights += weight;
    }
    return sum / weights;
  };
  return {
    name,
    mode: 'max',
    reset: () => matrix.reset(),
    update: (prediction, target) => matrix.update(prediction, target),
    result,
  };
}
