import { add, div, maximum, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { UpdateRule } from './rule-optimizer';

/** The state of Adam and its kin: averages of the gradient and of its square, and the largest of the latter. */
export type AdamState = 'exp_avg' | 'exp_avg_sq' | 'max_exp_avg_sq';

/** The numbers of one step of Adam and its kin. */
export interface AdamCoefficients {
  /** Weight decay that is added to the gradient. */
  decay: number;
  /** What is left of the parameter before the step: decoupled weight decay. */
  keep: number;
  /** Factor of the root of the second moment: its bias correction. */
  rootScale: number;
  eps: number;
  /** Factor of the first moment. */
  step: number;
  /** Factor of the gradient itself. */
  direct: number;
}

/**
 * What Adam, AdamW, NAdam and RAdam do to a parameter; they differ in the numbers:
 *
 * ```
 * d = g + decay p
 * m = beta1 m + (1 - beta1) d          v = beta2 v + (1 - beta2) d^2          (amsgrad: v' = max(v', v), else v' = v)
 * p = keep p - (step m + direct d) / (rootScale sqrt(v') + eps)
 * ```
 */
export function adamUpdate(
  name: string,
  [beta1, beta2]: readonly [number, number],
  amsgrad: boolean,
  coefficients: (t: number, lr: number) => AdamCoefficients,
): UpdateRule<AdamState, AdamCoefficients> {
  return {
    name,
    state: { exp_avg: 0, exp_avg_sq: 0, max_exp_avg_sq: amsgrad ? 0 : undefined },
    coefficients,
    composed({ param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq }, { decay, keep, rootScale, eps, step, direct }) {
      const d = decay === 0 ? grad : add(grad, mul(param, decay));
      const m = add(mul(exp_avg, beta1), mul(d, 1 - beta1));
      const v = add(mul(exp_avg_sq, beta2), mul(square(d), 1 - beta2));
      const top = amsgrad ? maximum(max_exp_avg_sq, v) : v;
      const move = direct === 0 ? mul(m, step) : add(mul(m, step), mul(d, direct));
      const root = add(mul(sqrt(top), rootScale), eps);
      const next = { param: sub(keep === 1 ? param : mul(param, keep), div(move, root)), exp_avg: m, exp_avg_sq: v };
      return amsgrad ? { ...next, max_exp_avg_sq: top } : next;
    },
    kernel(k, rows, { decay, keep, rootScale, eps, step, direct }) {
      k.adam(...rows, decay, keep, beta1, 1 - beta1, beta2, 1 - beta2, rootScale, eps, step, direct);
    },
  };
}
