import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../../errors';
import { isSameShape, isWithoutLastAxis } from './class-labels';
import type { NamedMetric } from './named-metric';

/** Mean of |prediction - target| over all elements. scikit-learn's `mean_absolute_error`. */
export function meanAbsoluteError(): NamedMetric {
  return meanOver('meanAbsoluteError', Math.abs, (mean) => mean);
}

/** Mean of (prediction - target)^2 over all elements. scikit-learn's `mean_squared_error`. */
export function meanSquaredError(): NamedMetric {
  return meanOver(
    'meanSquaredError',
    (error) => error * error,
    (mean) => mean,
  );
}

/**
 * Root of the mean of (prediction - target)^2 over all elements, in the units of the target. scikit-learn's
 * `root_mean_squared_error`, save that several outputs are taken together, not averaged after the root.
 */
export function rootMeanSquaredError(): NamedMetric {
  return meanOver('rootMeanSquaredError', (error) => error * error, Math.sqrt);
}

/**
 * The share of the targets' variance that the predictions explain: 1 - sum (y - p)^2 / sum (y - mean y)^2, the mean of it
 * over the outputs of an example. 1 is perfect, 0 what predicting the mean earns; it has no lower end. A constant output
 * gives 1 where it is predicted exactly, else 0. scikit-learn's `r2_score`. NaN for fewer than two examples.
 */
export function r2(): NamedMetric {
  let count = 0;
  // By output, gathered one example at a time: Welford's update keeps its digits where the mean is far from 0.
  let means = new Float64Array(0);
  let deviations = new Float64Array(0);
  let residuals = new Float64Array(0);
  return {
    name: 'r2',
    mode: 'max',
    reset() {
      count = 0;
      means = deviations = residuals = new Float64Array(0);
    },
    update(prediction, target) {
      const [predicted, actual] = pairs('r2', prediction, target);
      const batch = target.shape[0] ?? 1;
      const outputs = batch === 0 ? 0 : actual.length / batch;
      if (count === 0)
        [means, deviations, residuals] = [0, 1, 2].map(() => new Float64Array(outputs)) as [
          Float64Array<ArrayBuffer>,
          Float64Array<ArrayBuffer>,
          Float64Array<ArrayBuffer>,
        ];
      if (batch > 0 && outputs !== means.length) {
        throw new ShapeError('r2', `${outputs} outputs an example, ${means.length} before`, [
          { label: 'target', shape: target.shape },
        ]);
      }
      for (let i = 0; i < batch; i++) {
        count++;
        for (let o = 0; o < outputs; o++) {
          const y = actual[i * outputs + o]!;
          const before = y - means[o]!;
          means[o]! += before / count;
          deviations[o]! += before * (y - means[o]!);
          residuals[o]! += (y - predicted[i * outputs + o]!) ** 2;
        }
      }
    },
    result() {
      if (count < 2) return Number.NaN;
      const scores = residuals.map((residual, o) => {
        if (deviations[o] === 0) return residual === 0 ? 1 : 0;
        return 1 - residual / deviations[o]!;
      });
      return scores.reduce((a, b) => a + b, 0) / scores.length;
    },
  };
}

function meanOver(name: string, of: (error: number) => number, last: (mean: number) => number): NamedMetric {
  let sum = 0;
  let count = 0;
  return {
    name,
    mode: 'min',
    reset() {
      sum = count = 0;
    },
    update(prediction, target) {
      const [predicted, actual] = pairs(name, prediction, target);
      for (let i = 0; i < actual.length; i++) sum += of(predicted[i]! - actual[i]!);
      count += actual.length;
    },
    result: () => last(sum / count),
  };
}

/** The numbers of both, which belong together one by one; `[..., 1]` goes with `[...]`. */
function pairs(where: string, prediction: Tensor, target: Tensor): [ArrayLike<number>, ArrayLike<number>] {
  const fits =
    isSameShape(prediction, target) ||
    isWithoutLastAxis(prediction, target, 1) ||
    isWithoutLastAxis(target, prediction, 1);
  if (!fits) {
    throw new ShapeError(where, 'predictions and targets have different shapes', [
      { label: 'prediction', shape: prediction.shape },
      { label: 'target', shape: target.shape },
    ]);
  }
  return [prediction.dataSync(), target.dataSync()];
}
