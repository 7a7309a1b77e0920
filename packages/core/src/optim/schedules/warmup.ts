import { requireCount, requireRange } from '../option-range';
import type { Schedule } from './schedule';

/**
 * Rises in a straight line to the first rate of another schedule, which then begins:
 * after(0) (step + 1) / (steps + 1) for the first `steps` steps, then after(step - steps).
 *
 * @example
 * ```ts
 * const lr = warmup(cosine({ lr: 1e-3, tMax: 9_500 }), { steps: 500 });
 * ```
 */
export function warmup(after: number | Schedule, options: { steps: number }): Schedule {
  const { steps } = options;
  requireRange('warmup', { steps }, 0);
  const next: Schedule = typeof after === 'function' ? after : () => after;
  const schedule: Schedule = (step) => (step < steps ? (next(0) * (step + 1)) / (steps + 1) : next(step - steps));
  return Object.assign(schedule, {
    observe: (metric: number) => next.observe?.(metric),
    scalars: () => next.scalars?.() ?? {},
    restore: (scalars: Readonly<Record<string, number>>) => next.restore?.(scalars),
  });
}

/** Options of `noam`. */
export interface NoamOptions {
  /** Width of the model. */
  dModel: number;
  /** Steps until the peak. */
  warmup: number;
  /** What all rates are multiplied with. @default 1 */
  factor?: number;
}

/**
 * The schedule of the Transformer: factor dModel^-1/2 min(t^-1/2, t warmup^-3/2) with t = step + 1.
 * Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 5.3.
 */
export function noam(options: NoamOptions): Schedule {
  const { dModel, warmup, factor = 1 } = options;
  requireCount('noam', { dModel, warmup });
  requireRange('noam', { factor }, 0);
  return (step) => factor * dModel ** -0.5 * Math.min((step + 1) ** -0.5, (step + 1) * warmup ** -1.5);
}
