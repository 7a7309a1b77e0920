import { adamUpdate } from './adam-update';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer } from './rule-optimizer';

/** Options of `adamw`; `lr` is 1e-3 unless given. */
export interface AdamWOptions extends OptimizerOptions {
  /** Decay rates of the averages of the gradient and of its square. @default [0.9, 0.999] */
  betas?: readonly [number, number];
  /** Added to the root, for stability. @default 1e-8 */
  eps?: number;
  /** Weights shrink by the factor 1 - lr weightDecay a step, whatever their gradient. @default 0.01 */
  weightDecay?: number;
  /** Divide by the largest average of the squares so far. @default false */
  amsgrad?: boolean;
}

/**
 * AdamW: Adam with weight decay that is not divided by the root of the squares.
 *
 * ```
 * p = p - lr weightDecay p
 * m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 * p = p - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
 * ```
 *
 * Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101. PyTorch's `optim.AdamW`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = adamw({ lr: 3e-4, weightDecay: 0.1, clipNorm: 1 });
 * ```
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01, amsgrad = false } = options;
  requireDecay('adamw', { 'betas[0]': betas[0], 'betas[1]': betas[1] });
  requireRange('adamw', { eps, weightDecay }, 0);
  const rule = adamUpdate('adamw', betas, amsgrad, (t, lr) => ({
    decay: 0,
    keep: 1 - lr * weightDecay,
    rootScale: 1 / Math.sqrt(1 - betas[1] ** t),
    eps,
    step: lr / (1 - betas[0] ** t),
    direct: 0,
  }));
  return new RuleOptimizer(rule, options, 1e-3);
}
