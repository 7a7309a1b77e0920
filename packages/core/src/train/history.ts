import { ConfigError } from '../errors';

/** The numbers of an epoch. */
export interface EpochRecord {
  /** Which epoch, from 0. */
  index: number;
  /** Optimizer steps taken so far. */
  step: number;
  /** Mean loss over the examples it trained on, each as it was when its turn came. */
  loss: number;
  /** The metrics over the same predictions. */
  metrics: Record<string, number>;
  /** Loss and metrics over the validation data, by the model as it was at the end; empty without such data. */
  validation: Record<string, number>;
}

/** Whether less or more is better. */
export type Mode = 'min' | 'max';

/** How progress of a number is judged. */
export interface ImprovementOptions {
  /**
   * Whether less or more of the number is better.
   * @default 'min' for the loss, for metrics what they say themselves
   */
  mode?: Mode | undefined;
  /**
   * Smaller changes do not count.
   * @default 0
   */
  minDelta?: number | undefined;
}

/**
 * The number of an epoch by its name: that of the validation where there is one, else that of the training.
 *
 * @throws ConfigError where there is neither
 */
export function numberOf(epoch: EpochRecord, name: string): number {
  const value = find(epoch, name);
  if (value === undefined) {
    const known = new Set(['loss', ...Object.keys(epoch.metrics), ...Object.keys(epoch.validation)]);
    throw new ConfigError('epoch', `there is no number '${name}'`, `there are ${[...known].join(', ')}`);
  }
  return value;
}

function find(epoch: EpochRecord, name: string): number | undefined {
  return epoch.validation[name] ?? (name === 'loss' ? epoch.loss : epoch.metrics[name]);
}

/**
 * Index in the history of the last epoch that was better than all before it, or -1. NaN is never better, and an epoch
 * that lacks the number is passed over.
 */
export function lastImprovement(history: readonly EpochRecord[], name: string, mode: Mode, minDelta: number): number {
  const sign = mode === 'min' ? 1 : -1;
  let best = Number.NaN;
  let at = -1;
  for (const [i, epoch] of history.entries()) {
    const value = sign * (find(epoch, name) ?? Number.NaN);
    if (value < best - minDelta || (at < 0 && !Number.isNaN(value))) {
      best = value;
      at = i;
    }
  }
  return at;
}
