import { adamUpdate } from './adam-update';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer } from './rule-optimizer';

/** Options of `radam`; `lr` is 1e-3 unless given. */
export interface RadamOptions extends OptimizerOptions {
  /** Decay rates of the averages of the gradient and of its square. @default [0.9, 0.999] */
  betas?: readonly [number, number];
  /** Added to the root, for stability. @default 1e-8 */
  eps?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
}

/**
 * RAdam: Adam that trusts the average square only once enough steps have gone into it; needs no warm-up.
 *
 * ```
 * R = 2 / (1 - beta2) - 1          r_t = R - 2 t beta2^t / (1 - beta2^t)
 * r_t > 5:  p = p - lr m' l_t sqrt((r_t - 4) (r_t - 2) R / ((R - 4) (R - 2) r_t))
 * else:     p = p - lr m'
 * m' = m / (1 - beta1^t)           l_t = sqrt(1 - beta2^t) / (sqrt(v) + eps)
 * ```
 *
 * with g, m and v as in `adam`. Liu et al. 2020, https://arxiv.org/abs/1908.03265. PyTorch's `optim.RAdam`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = radam({ lr: 1e-3 });
 * ```
 */
export function radam(options: RadamOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
  requireDecay('radam', { 'betas[0]': betas[0], 'betas[1]': betas[1] });
  requireRange('radam', { eps, weightDecay }, 0);
  const most = 2 / (1 - betas[1]) - 1;
  const rule = adamUpdate('radam', betas, false, (t, lr) => {
    const correction = 1 - betas[1] ** t;
    const length = most - (2 * t * betas[1] ** t) / correction;
    const step = lr / (1 - betas[0] ** t);
    const common = { decay: weightDecay, keep: 1, direct: 0 };
    if (length <= 5) return { ...common, rootScale: 0, eps: 1, step }; // the root is 1
    const rectification = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
    return { ...common, rootScale: 1, eps, step: step * rectification * Math.sqrt(correction) };
  });
  return new RuleOptimizer(rule, options, 1e-3);
}
