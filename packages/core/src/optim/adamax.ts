import { abs, add, div, maximum, mul, sub } from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer, type UpdateRule } from './rule-optimizer';

/** Options of `adamax`; `lr` is 2e-3 unless given. */
export interface AdamaxOptions extends OptimizerOptions {
  /** Decay rates of the average of the gradient and of its largest size. @default [0.9, 0.999] */
  betas?: readonly [number, number];
  /** Added to the size of the gradient, for stability. @default 1e-8 */
  eps?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
}

/**
 * Adamax: Adam with the largest recent gradient in the place of the root of the average square.
 *
 * ```
 * g = g + weightDecay p
 * m = beta1 m + (1 - beta1) g          u = max(beta2 u, |g| + eps)          p = p - lr / (1 - beta1^t) m / u
 * ```
 *
 * Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, section 7. PyTorch's `optim.Adamax`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = adamax({ lr: 2e-3 });
 * ```
 */
export function adamax(options: AdamaxOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
  const [beta1, beta2] = betas;
  requireDecay('adamax', { 'betas[0]': beta1, 'betas[1]': beta2 });
  requireRange('adamax', { eps, weightDecay }, 0);
  const rule: UpdateRule<'exp_avg' | 'exp_inf', { step: number }> = {
    name: 'adamax',
    state: { exp_avg: 0, exp_inf: 0 },
    coefficients: (t, lr) => ({ step: lr / (1 - beta1 ** t) }),
    composed({ param, grad, exp_avg, exp_inf }, { step }) {
      const d = weightDecay === 0 ? grad : add(grad, mul(param, weightDecay));
      const m = add(mul(exp_avg, beta1), mul(d, 1 - beta1));
      const u = maximum(mul(exp_inf, beta2), add(abs(d), eps));
      return { param: sub(param, div(mul(m, step), u)), exp_avg: m, exp_inf: u };
    },
    kernel(k, rows, { step }) {
      k.adamax(...rows, weightDecay, beta1, 1 - beta1, beta2, step, eps);
    },
  };
  return new RuleOptimizer(rule, options, 2e-3);
}
