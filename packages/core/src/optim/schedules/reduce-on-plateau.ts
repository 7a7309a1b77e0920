import { ConfigError } from '../../errors';
import { requireRange } from '../option-range';
import type { Schedule } from './schedule';

/** Options of `reduceOnPlateau`. */
export interface ReduceOnPlateauOptions {
  lr: number;
  /** Whether a better metric is smaller or larger. @default 'min' */
  mode?: 'min' | 'max';
  /** What the rate is multiplied with. @default 0.1 */
  factor?: number;
  /** How many observations without improvement are let pass. @default 10 */
  patience?: number;
  /** How much better an observation must be to count. @default 1e-4 */
  threshold?: number;
  /** Whether the threshold is a share of the best metric or an amount. @default 'rel' */
  thresholdMode?: 'rel' | 'abs';
  /** Observations after a reduction that are not counted. @default 0 */
  cooldown?: number;
  /** The lowest rate. @default 0 */
  minLr?: number;
  /** A reduction by less than this is not made. @default 1e-8 */
  eps?: number;
}

/** A schedule that learns from results. */
export type ObservingSchedule = Schedule & Required<Schedule>;

/**
 * Lowers the rate when a metric no longer improves. `optimizer.observe(metric)` tells it, usually once an epoch; NaN is
 * no improvement. PyTorch's `ReduceLROnPlateau`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = adam({ lr: reduceOnPlateau({ lr: 1e-3, patience: 3 }) });
 * optimizer.observe(validationLoss);
 * ```
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions): ObservingSchedule {
  const { lr, mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel' } = options;
  const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
  requireRange('reduceOnPlateau', { lr, patience, threshold, cooldown, minLr, eps, factor }, 0);
  if (factor >= 1) throw new ConfigError('reduceOnPlateau', `factor is ${factor}`, 'give a number below 1');
  const worst = mode === 'min' ? Infinity : -Infinity;
  let [rate, best, bad, cooling] = [lr, worst, 0, 0];

  const better = (metric: number) => {
    const margin = thresholdMode === 'rel' ? best * threshold : threshold;
    if (best === worst) return metric !== worst && !Number.isNaN(metric);
    return mode === 'min' ? metric < best - margin : metric > best + margin;
  };
  return Object.assign(() => rate, {
    observe(metric: number) {
      if (better(metric)) {
        best = metric;
        bad = 0;
      } else bad++;
      if (cooling > 0) {
        cooling--;
        bad = 0;
      }
      if (bad > patience) {
        const next = Math.max(rate * factor, minLr);
        if (rate - next > eps) rate = next;
        cooling = cooldown;
        bad = 0;
      }
    },
    // Before the first observation there is no best, which as Infinity could not be written as JSON.
    scalars: () => ({ lr: rate, bad, cooling, ...(best !== worst && { best }) }),
    restore(scalars: Readonly<Record<string, number>>) {
      const { lr, bad: bads, cooling: coolings } = scalars;
      if (lr === undefined || bads === undefined || coolings === undefined) {
        throw new ConfigError('reduceOnPlateau', 'the state to restore is that of another schedule');
      }
      [rate, best, bad, cooling] = [lr, scalars.best ?? worst, bads, coolings];
    },
  });
}
