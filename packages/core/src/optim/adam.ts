import { adamUpdate } from './adam-update';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer } from './rule-optimizer';

/** Options of `adam`; `lr` is 1e-3 unless given. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay rates of the averages of the gradient and of its square. @default [0.9, 0.999] */
  betas?: readonly [number, number];
  /** Added to the root, for stability. @default 1e-8 */
  eps?: number;
  /** L2 penalty, added to the gradient; `adamw` decays the weights themselves. @default 0 */
  weightDecay?: number;
  /** Divide by the largest average of the squares so far. @default false */
  amsgrad?: boolean;
}

/**
 * Adam: steps along the average gradient, divided by the root of the average square.
 *
 * ```
 * g = g + weightDecay p
 * m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 * p = p - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
 * ```
 *
 * Kingma and Ba 2015, https://arxiv.org/abs/1412.6980; amsgrad: Reddi et al. 2018. PyTorch's `optim.Adam`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * import { init, Param } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { adam } from '@dl/core/optim';
 *
 * await init();
 * const weight = new Param(tensor([1, 2]));
 * using optimizer = adam({ lr: 0.1 });
 * optimizer.step(new Map([['weight', weight]]), new Map([['weight', tensor([1, -1])]]));
 * weight.value.dataSync(); // [0.9, 2.1]
 * ```
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad = false } = options;
  requireDecay('adam', { 'betas[0]': betas[0], 'betas[1]': betas[1] });
  requireRange('adam', { eps, weightDecay }, 0);
  const rule = adamUpdate('adam', betas, amsgrad, (t, lr) => ({
    decay: weightDecay,
    keep: 1,
    rootScale: 1 / Math.sqrt(1 - betas[1] ** t),
    eps,
    step: lr / (1 - betas[0] ** t),
    direct: 0,
  }));
  return new RuleOptimizer(rule, options, 1e-3);
}
