import { add, mul, sub } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Optimizer, OptimizerOptions } from './optimizer';
import { requireRange } from './option-range';
import { RuleOptimizer, type UpdateRule } from './rule-optimizer';

/** Options of `sgd`; `lr` is 1e-3 unless given. */
export interface SgdOptions extends OptimizerOptions {
  /** How much of the last move is made again. @default 0 */
  momentum?: number;
  /** How much of the gradient is kept out of the buffer. @default 0 */
  dampening?: number;
  /** L2 penalty, added to the gradient. @default 0 */
  weightDecay?: number;
  /** Nesterov's form: look ahead along the buffer. @default false */
  nesterov?: boolean;
}

interface SgdCoefficients {
  /** How much of the gradient enters the buffer. */
  intake: number;
  /** Factors of the gradient and of the buffer in the step. */
  direct: number;
  buffered: number;
}

/**
 * Stochastic gradient descent, with momentum, dampening and Nesterov's form.
 *
 * ```
 * g = g + weightDecay p
 * b = momentum b + (1 - dampening) g      (the first time b = g)
 * p = p - lr b                            (Nesterov: p - lr (g + momentum b);  no momentum: p - lr g)
 * ```
 *
 * PyTorch's `optim.SGD`. Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html.
 *
 * @throws ConfigError for an option out of its range, and for `nesterov` without momentum or with dampening
 *
 * @example
 * ```ts
 * const optimizer = sgd({ lr: 0.1, momentum: 0.9, nesterov: true });
 * ```
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options;
  requireRange('sgd', { momentum, weightDecay }, 0);
  requireRange('sgd', { dampening }, -Number.MAX_VALUE);
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new ConfigError(
      'sgd',
      `nesterov with momentum ${momentum} and dampening ${dampening}`,
      "Nesterov's form needs a momentum above 0 and a dampening of 0",
    );
  }
  const rule: UpdateRule<'momentum_buffer', SgdCoefficients> = {
    name: 'sgd',
    state: { momentum_buffer: momentum === 0 ? undefined : 0 },
    coefficients: (t, lr) => ({
      intake: t === 1 ? 1 : 1 - dampening,
      direct: momentum === 0 || nesterov ? lr : 0,
      buffered: nesterov ? lr * momentum : lr,
    }),
    composed({ param, grad, momentum_buffer }, { intake, direct, buffered }) {
      const d = weightDecay === 0 ? grad : add(grad, mul(param, weightDecay));
      if (momentum === 0) return { param: sub(param, mul(d, direct)) };
      const buffer = add(mul(momentum_buffer, momentum), mul(d, intake));
      const move = direct === 0 ? mul(buffer, buffered) : add(mul(buffer, buffered), mul(d, direct));
      return { param: sub(param, move), momentum_buffer: buffer };
    },
    kernel(k, rows, { intake, direct, buffered }) {
      k.sgd(...rows, weightDecay, momentum, intake, direct, buffered);
    },
  };
  return new RuleOptimizer(rule, options, 1e-3);
}
