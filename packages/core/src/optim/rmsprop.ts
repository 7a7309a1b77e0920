import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireDecay, requireRange } from './option-range';
import { RuleOptimizer, type UpdateRule } from './rule-optimizer';

/** Options of `rmsprop`; `lr` is 1e-2 unless given. */
export interface RmspropOptions extends OptimizerOptions {
  /** Decay rate of the average of squares. @default 0.99 */
  alpha?: number;
  /** Added to the root, for stability. @default 1e-8 */
  eps?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
  /** How much of the last move is made again. @default 0 */
  momentum?: number;
  /** Divide by the standard deviation of the gradient instead of the root of its mean square. @default false */
  centered?: boolean;
}

/**
 * RMSprop: the gradient divided by the root of the average of its square.
 *
 * ```
 * g = g + weightDecay p          s = alpha s + (1 - alpha) g^2
 * centered:  a = alpha a + (1 - alpha) g,  s' = s - a^2          else s' = s
 * b = momentum b + g / (sqrt(s') + eps)          p = p - lr b
 * ```
 *
 * eps lies outside of the root, as in PyTorch's `optim.RMSprop` (TensorFlow and Keras have it inside).
 * Hinton 2012, lecture 6e; centered: Graves 2013, https://arxiv.org/abs/1308.0850.
 *
 * @throws ConfigError for an option out of its range
 *
 * @example
 * ```ts
 * const optimizer = rmsprop({ lr: 1e-3, momentum: 0.9 });
 * ```
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0, centered = false } = options;
  requireDecay('rmsprop', { alpha });
  requireRange('rmsprop', { eps, weightDecay, momentum }, 0);
  const buffered = momentum > 0;
  const rule: UpdateRule<'square_avg' | 'momentum_buffer' | 'grad_avg', { lr: number }> = {
    name: 'rmsprop',
    state: { square_avg: 0, momentum_buffer: buffered ? 0 : undefined, grad_avg: centered ? 0 : undefined },
    coefficients: (_, lr) => ({ lr }),
    composed({ param, grad, square_avg, momentum_buffer, grad_avg }, { lr }) {
      const d = weightDecay === 0 ? grad : add(grad, mul(param, weightDecay));
      const s = add(mul(square_avg, alpha), mul(square(d), 1 - alpha));
      const mean = centered ? add(mul(grad_avg, alpha), mul(d, 1 - alpha)) : undefined;
      const scaled = div(d, add(sqrt(mean === undefined ? s : sub(s, square(mean))), eps));
      const move = buffered ? add(mul(momentum_buffer, momentum), scaled) : scaled;
      return {
        param: sub(param, mul(move, lr)),
        square_avg: s,
        ...(buffered && { momentum_buffer: move }),
        ...(mean !== undefined && { grad_avg: mean }),
      };
    },
    kernel(k, rows, { lr }) {
      k.rmsprop(...rows, weightDecay, alpha, 1 - alpha, momentum, lr, eps);
    },
  };
  return new RuleOptimizer(rule, options, 1e-2);
}
