import type { Tensor } from '@tensorflow/tfjs-core';
import type { Metric } from '../metric-set';

/** A metric that knows what it is called. */
export interface NamedMetric extends Metric {
  readonly name: string;
}

/**
 * A metric of one batch alone: the functional form of all of them.
 *
 * @returns its number; the metric is reset before and after
 *
 * @example
 * ```ts
 * measure(f1({ average: 'macro' }), logits, labels); // 0.82
 * ```
 */
export function measure(metric: Metric, prediction: Tensor, target: Tensor): number {
  metric.reset();
  try {
    metric.update(prediction, target);
    return metric.result();
  } finally {
    metric.reset();
  }
}
