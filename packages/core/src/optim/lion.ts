import { add, cast, greater, less, mul, sub } from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer, type UpdateRule } from './rule-optimizer';

/** Options of `lion`; `lr` is 1e-4 unless given: 3 to 10 times smaller than for AdamW. */
export interface LionOptions extends OptimizerOptions {
  /** How much of the average enters the step, and the next average. @default [0.9, 0.99] */
  betas?: readonly [number, number];
  /** Weights shrink by the factor 1 - lr weightDecay a step; 3 to 10 times larger than for AdamW. @default 0 */
  weightDecay?: number;
}

/**
 * Lion: every weight moves by the same amount, in the direction of an average gradient; half of Adam's memory.
 *
 * ```
 * p = p - lr weightDecay p
 * p = p - lr sign(beta1 m + (1 - beta1) g)          m = beta2 m + (1 - beta2) g
 * ```
 *
 * Where the average is NaN or Infinity the weight becomes NaN: the sign alone would hide it.
 * Chen et al. 2023, https://arxiv.org/abs/2302.06675.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = lion({ lr: 1e-4, weightDecay: 0.1 });
 * ```
 */
export function lion(options: LionOptions = {}): Optimizer {
  const { betas = [0.9, 0.99], weightDecay = 0 } = options;
  const [beta1, beta2] = betas;
  requireDecay('lion', { 'betas[0]': beta1, 'betas[1]': beta2 });
  requireRange('lion', { weightDecay }, 0);
  const rule: UpdateRule<'exp_avg', { lr: number }> = {
    name: 'lion',
    state: { exp_avg: 0 },
    coefficients: (_, lr) => ({ lr }),
    composed({ param, grad, exp_avg }, { lr }) {
      const u = add(mul(exp_avg, beta1), mul(grad, 1 - beta1));
      // By comparisons: the sign of tfjs's WASM backend is 0 for small numbers. u - u is 0, or NaN where u is not finite.
      const sign = sub(cast(greater(u, 0), 'float32'), cast(less(u, 0), 'float32'));
      const move = add(mul(sign, lr), sub(u, u));
      return {
        param: sub(mul(param, 1 - lr * weightDecay), move),
        exp_avg: add(mul(exp_avg, beta2), mul(grad, 1 - beta2)),
      };
    },
    kernel(k, rows, { lr }) {
      k.lion(...rows, 1 - lr * weightDecay, beta1, 1 - beta1, beta2, 1 - beta2, lr);
    },
  };
  return new RuleOptimizer(rule, options, 1e-4);
}
