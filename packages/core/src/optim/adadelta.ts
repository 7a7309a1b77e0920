import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireRange } from './option-range';
import { RuleOptimizer, type UpdateRule } from './rule-optimizer';

/** Options of `adadelta`; `lr` is 1 unless given. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Decay rate of both averages. @default 0.9 */
  rho?: number;
  /** Added under both roots, for stability. @default 1e-6 */
  eps?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
}

/**
 * Adadelta: steps as large as the last ones were, in units of the parameter; hardly needs a rate.
 *
 * ```
 * g = g + weightDecay p          s = rho s + (1 - rho) g^2
 * u = g sqrt(a + eps) / sqrt(s + eps)          a = rho a + (1 - rho) u^2          p = p - lr u
 * ```
 *
 * Zeiler 2012, https://arxiv.org/abs/1212.5701. PyTorch's `optim.Adadelta`.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = adadelta();
 * ```
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const { rho = 0.9, eps = 1e-6, weightDecay = 0 } = options;
  requireRange('adadelta', { rho }, 0, 1);
  requireRange('adadelta', { eps, weightDecay }, 0);
  const rule: UpdateRule<'square_avg' | 'acc_delta', { lr: number }> = {
    name: 'adadelta',
    state: { square_avg: 0, acc_delta: 0 },
    coefficients: (_, lr) => ({ lr }),
    composed({ param, grad, square_avg, acc_delta }, { lr }) {
      const d = weightDecay === 0 ? grad : add(grad, mul(param, weightDecay));
      const s = add(mul(square_avg, rho), mul(square(d), 1 - rho));
      const move = mul(d, div(sqrt(add(acc_delta, eps)), sqrt(add(s, eps))));
      return {
        param: sub(param, mul(move, lr)),
        square_avg: s,
        acc_delta: add(mul(acc_delta, rho), mul(square(move), 1 - rho)),
      };
    },
    kernel(k, rows, { lr }) {
      k.adadelta(...rows, weightDecay, rho, 1 - rho, lr, eps);
    },
  };
  return new RuleOptimizer(rule, options, 1);
}
