import { ConfigError } from '../../errors';
import { requireCount, requireRange } from '../option-range';
import type { Schedule } from './schedule';

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** The rate at the peak. */
  maxLr: number;
  /** Steps of the whole training. */
  totalSteps: number;
  /** Share of the steps until the peak. @default 0.3 */
  pctStart?: number;
  /** Shape of the rise and of the fall. @default 'cos' */
  annealStrategy?: 'cos' | 'linear';
  /** The first rate is maxLr / divFactor. @default 25 */
  divFactor?: number;
  /** The last rate is the first one / finalDivFactor. @default 1e4 */
  finalDivFactor?: number;
  /** Fall back to the first rate as fast as the rise was, and only then to the last. @default false */
  threePhase?: boolean;
}

/**
 * Up to a peak, then down to nearly nothing, over one training; beyond `totalSteps` it stays at the last rate.
 * Smith and Topin 2018, https://arxiv.org/abs/1708.07120. PyTorch's `OneCycleLR`.
 *
 * @example
 * ```ts
 * const optimizer = sgd({ lr: oneCycle({ maxLr: 0.1, totalSteps: epochs * batches }), momentum: 0.9 });
 * ```
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = 'cos', divFactor = 25, finalDivFactor = 1e4 } = options;
  requireRange('oneCycle', { maxLr }, 0);
  requireRange('oneCycle', { divFactor, finalDivFactor }, Number.MIN_VALUE);
  requireRange('oneCycle', { pctStart }, 0, 1);
  requireCount('oneCycle', { totalSteps });
  requireOneOf('oneCycle', { annealStrategy }, ['cos', 'linear']);
  const first = maxLr / divFactor;
  const last = first / finalDivFactor;
  const peak = pctStart * totalSteps - 1;
  // Where a phase ends, and the rate there.
  const phases: [end: number, lr: number][] = [[peak, maxLr]];
  if (options.threePhase) phases.push([2 * peak, first]);
  phases.push([totalSteps - 1, last]);

  return (step) => {
    let [start, from] = [0, first];
    for (const [end, to] of phases) {
      if (step <= end) {
        const share = end === start ? 1 : (step - start) / (end - start);
        return annealStrategy === 'cos'
          ? to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share))
          : from + (to - from) * share;
      }
      [start, from] = [end, to];
    }
    return last;
  };
}

/** Options of `cyclic`. */
export interface CyclicOptions {
  /** The lowest rate. */
  baseLr: number;
  /** The highest rate of the first cycle. */
  maxLr: number;
  /** Steps up. @default 2000 */
  stepSizeUp?: number;
  /** Steps down. @default as many as up */
  stepSizeDown?: number;
  /**
   * Height of the later cycles: all alike, half of the one before, or falling by gamma every step.
   * @default 'triangular'
   */
  mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** For `exp_range`. @default 1 */
  gamma?: number;
}

/**
 * Up and down in straight lines, again and again. Smith 2017, https://arxiv.org/abs/1506.01186. PyTorch's `CyclicLR`.
 */
export function cyclic(options: CyclicOptions): Schedule {
  const { baseLr, maxLr, stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = 'triangular', gamma = 1 } = options;
  requireRange('cyclic', { baseLr, maxLr, gamma }, 0);
  requireCount('cyclic', { stepSizeUp, stepSizeDown });
  requireOneOf('cyclic', { mode }, ['triangular', 'triangular2', 'exp_range']);
  const length = stepSizeUp + stepSizeDown;
  return (step) => {
    const cycle = Math.floor(step / length);
    const at = step - cycle * length;
    const height = at <= stepSizeUp ? at / stepSizeUp : (length - at) / stepSizeDown;
    const scale = mode === 'triangular' ? 1 : mode === 'triangular2' ? 0.5 ** cycle : gamma ** step;
    return baseLr + (maxLr - baseLr) * height * scale;
  };
}

function requireOneOf(where: string, values: Record<string, string>, allowed: readonly string[]): void {
  for (const [name, value] of Object.entries(values)) {
    if (!allowed.includes(value)) throw new ConfigError(where, `${name} is '${value}'`, `choose ${allowed.join(', ')}`);
  }
}
