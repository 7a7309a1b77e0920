import { requireCount, requireRange } from '../option-range';
import type { Schedule } from './schedule';

/** Options of `cosine`. */
export interface CosineOptions {
  lr: number;
  /** Steps from the top to the bottom: usually the steps of the whole training. */
  tMax: number;
  /** The lowest rate. @default 0 */
  etaMin?: number;
}

/**
 * Half a cosine from lr down to etaMin; beyond `tMax` it rises again, as in PyTorch.
 *
 * etaMin + (lr - etaMin) (1 + cos(pi step / tMax)) / 2
 *
 * Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983. PyTorch's `CosineAnnealingLR`.
 *
 * @example
 * ```ts
 * import { adamw, cosine, warmup } from '@dl/core/optim';
 * const optimizer = adamw({ lr: warmup(cosine({ lr: 1e-3, tMax: 10_000 }), { steps: 500 }) });
 * ```
 */
export function cosine(options: CosineOptions): Schedule {
  const { lr, tMax, etaMin = 0 } = options;
  requireRange('cosine', { lr, etaMin }, 0);
  requireCount('cosine', { tMax });
  return (step) => wave(lr, etaMin, step / tMax);
}

/** Options of `cosineWarmRestarts`. */
export interface CosineWarmRestartsOptions {
  lr: number;
  /** Steps of the first fall. */
  t0: number;
  /** How many times longer each fall is than the one before: 1, 2, 3, ... @default 1 */
  tMult?: number;
  /** The lowest rate. @default 0 */
  etaMin?: number;
}

/**
 * Half a cosine from lr down to etaMin, again and again, each `tMult` times longer than the one before. SGDR:
 * Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983. PyTorch's `CosineAnnealingWarmRestarts`.
 */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Schedule {
  const { lr, t0, tMult = 1, etaMin = 0 } = options;
  requireRange('cosineWarmRestarts', { lr, etaMin }, 0);
  requireCount('cosineWarmRestarts', { t0, tMult });
  return (step) => {
    if (tMult === 1) return wave(lr, etaMin, (step % t0) / t0);
    let [start, length] = [0, t0];
    while (step - start >= length) {
      start += length;
      length *= tMult;
    }
    return wave(lr, etaMin, (step - start) / length);
  };
}

/** From `high` at 0 down to `low` at 1. */
function wave(high: number, low: number, share: number): number {
  return low + ((high - low) * (1 + Math.cos(Math.PI * share))) / 2;
}
