import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireRange } from './option-range';
import { RuleOptimizer, type UpdateRule } from './rule-optimizer';

/** Options of `adagrad`; `lr` is 1e-2 unless given. */
export interface AdagradOptions extends OptimizerOptions {
  /** The rate of step t (from 0) is lr / (1 + t lrDecay). @default 0 */
  lrDecay?: number;
  /** Added to the root, for stability. @default 1e-10 */
  eps?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
  /** What the sum of squares starts from. @default 0 */
  initialAccumulatorValue?: number;
}

/**
 * Adagrad: every weight has a rate of its own, that falls with the squares of the gradients it has seen.
 *
 * ```
 * g = g + weightDecay p          s = s + g^2
 * p = p - lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps)
 * ```
 *
 * Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html. PyTorch's `optim.Adagrad`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = adagrad({ lr: 0.05 });
 * ```
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const { lrDecay = 0, eps = 1e-10, weightDecay = 0, initialAccumulatorValue = 0 } = options;
  requireRange('adagrad', { lrDecay, eps, weightDecay, initialAccumulatorValue }, 0);
  const rule: UpdateRule<'sum', { rate: number }> = {
    name: 'adagrad',
    state: { sum: initialAccumulatorValue },
    coefficients: (t, lr) => ({ rate: lr / (1 + (t - 1) * lrDecay) }),
    composed({ param, grad, sum }, { rate }) {
      const d = weightDecay === 0 ? grad : add(grad, mul(param, weightDecay));
      const total = add(sum, square(d));
      return { param: sub(param, div(mul(d, rate), add(sqrt(total), eps))), sum: total };
    },
    kernel(k, rows, { rate }) {
      k.adagrad(...rows, weightDecay, rate, eps);
    },
  };
  return new RuleOptimizer(rule, options, 1e-2);
}
