import { adamUpdate } from './adam-update';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer } from './rule-optimizer';

/** Options of `nadam`; `lr` is 2e-3 unless given. */
export interface NadamOptions extends OptimizerOptions {
  /** Decay rates of the averages of the gradient and of its square. @default [0.9, 0.999] */
  betas?: readonly [number, number];
  /** Added to the root, for stability. @default 1e-8 */
  eps?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
  /** How fast the momentum grows to its full strength. @default 4e-3 */
  momentumDecay?: number;
  /**
   * Puts mu_t twice into M_(t+1), as PyTorch did up to 1.13: to go on with a run of such a version.
   * @default false
   */
  legacyProduct?: boolean;
}

/**
 * NAdam: Adam that looks ahead along its momentum, in the manner of Nesterov.
 *
 * ```
 * mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)          M_t = mu_1 mu_2 ... mu_t
 * p = p - lr ((1 - mu_t) / (1 - M_t) g + mu_(t+1) / (1 - M_(t+1)) m) / (sqrt(v / (1 - beta2^t)) + eps)
 * ```
 *
 * with g, m and v as in `adam`. Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ. PyTorch's `optim.NAdam`
 * (2.0 or later).
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = nadam({ lr: 2e-3 });
 * ```
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, momentumDecay = 4e-3, legacyProduct = false } = options;
  requireDecay('nadam', { 'betas[0]': betas[0], 'betas[1]': betas[1] });
  requireRange('nadam', { eps, weightDecay, momentumDecay }, 0);
  const mu = (t: number) => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const product = runningProduct(mu);
  const rule = adamUpdate('nadam', betas, false, (t, lr) => ({
    decay: weightDecay,
    keep: 1,
    rootScale: 1 / Math.sqrt(1 - betas[1] ** t),
    eps,
    step: (lr * mu(t + 1)) / (1 - product(t) * mu(t + 1) * (legacyProduct ? mu(t) : 1)),
    direct: (lr * (1 - mu(t))) / (1 - product(t)),
  }));
  return new RuleOptimizer(rule, options, 2e-3);
}

/** t -> f(1) f(2) ... f(t), the same to the last bit wherever one starts; going on from the last t is one product. */
function runningProduct(f: (t: number) => number): (t: number) => number {
  let [at, value] = [0, 1];
  return (t) => {
    if (t < at) [at, value] = [0, 1];
    while (at < t) value *= f(++at);
    return value;
  };
}
