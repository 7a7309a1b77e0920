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
 * import { accuracy, init, measure } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 *
 * await init();
 * const logits = tensor([[2, 0], [0, 1], [3, 1], [1, 0]]);
 * measure(accuracy(), logits, tensor([0, 1, 0, 1], [4], 'int32')); // 0.75
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
