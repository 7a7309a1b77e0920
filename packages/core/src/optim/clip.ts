import {
  abs,
  add,
  addN,
  div,
  max,
  maximum,
  minimum,
  mul,
  pow,
  type Scalar,
  scalar,
  sqrt,
  square,
  stack,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { NumericsError } from '../errors';
import { requireRange } from './option-range';

/** Keeps the division by a zero norm finite; PyTorch's constant. */
const EPS = 1e-6;

/** The factor that brings a norm down to `maxNorm`: min(1, maxNorm / (norm + 1e-6)); NaN stays NaN. */
export function clipCoefficient(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + EPS));
}

/** The same for a norm that is still on the device. */
export function clipCoefficientTensor(norm: Tensor, maxNorm: number): Tensor {
  return minimum(div(maxNorm, add(norm, EPS)), 1);
}

/** Limits every element to [-limit, limit]. */
export function clipElements(x: Tensor, limit: number): Tensor {
  return limit === Infinity ? x : minimum(maximum(x, -limit), limit);
}

/** The p-norm over the elements of all tensors together. */
export function globalNorm(tensors: readonly Tensor[], p = 2): Tensor {
  const filled = tensors.filter((x) => x.size > 0);
  if (filled.length === 0) return scalar(0);
  if (p === Infinity) return max(stack(filled.map((x) => max(abs(x)))));
  const power = p === 1 ? abs : p === 2 ? square : (x: Tensor) => pow(abs(x), p);
  const total = addN(filled.map((x) => sum<Scalar>(power(x))));
  return p === 1 ? total : p === 2 ? sqrt(total) : pow(total, 1 / p);
}

/**
 * Scales all gradients together so that the norm over all of them is at most `maxNorm`: PyTorch's `clip_grad_norm_`.
 * Clipped gradients take the place of the given ones in the map; those are disposed of.
 * Optimizers do it faster within the step: `adam({ clipNorm: 1 })`.
 *
 * @param grads the gradients by name; changed
 * @param maxNorm the largest norm allowed
 * @param options `normType`: p of the p-norm, `Infinity` for the largest element (default 2);
 *   `errorIfNonfinite`: refuse a norm that is NaN or Infinity (default false: it goes into every gradient)
 * @returns the norm before clipping
 * @throws NumericsError naming the gradient, with `errorIfNonfinite`; nothing is changed then
 *
 * @example
 * ```ts
 * const norm = clipGradNorm(grads, 1);
 * ```
 */
export function clipGradNorm(
  grads: Map<string, Tensor>,
  maxNorm: number,
  options: { normType?: number; errorIfNonfinite?: boolean } = {},
): number {
  const { normType = 2, errorIfNonfinite = false } = options;
  requireRange('clipGradNorm', { maxNorm }, 0, Infinity);
  requireRange('clipGradNorm', { normType }, Number.MIN_VALUE, Infinity);
  const total = tidy(() => globalNorm([...grads.values()], normType));
  const norm = total.dataSync()[0]!;
  total.dispose();
  if (errorIfNonfinite && !Number.isFinite(norm)) {
    const guilty = [...grads].find(([, grad]) => !grad.dataSync().every(Number.isFinite));
    const from = guilty === undefined ? '' : `, from the gradient of '${guilty[0]}'`;
    throw new NumericsError(`clipGradNorm: the norm of the gradients is ${norm}${from}`);
  }
  const coefficient = clipCoefficient(norm, maxNorm);
  if (coefficient !== 1) replaceAll(grads, (grad) => mul(grad, coefficient));
  return norm;
}

/**
 * Limits every element of every gradient to [-clipValue, clipValue]: PyTorch's `clip_grad_value_`. Clipped gradients
 * take the place of the given ones in the map; those are disposed of. NaN stays NaN.
 *
 * @param grads the gradients by name; changed
 * @param clipValue the largest absolute value allowed
 */
export function clipGradValue(grads: Map<string, Tensor>, clipValue: number): void {
  requireRange('clipGradValue', { clipValue }, 0, Infinity);
  if (clipValue !== Infinity) replaceAll(grads, (grad) => clipElements(grad, clipValue));
}

function replaceAll(grads: Map<string, Tensor>, change: (grad: Tensor) => Tensor): void {
  for (const [name, grad] of grads) {
    grads.set(
      name,
      tidy(() => change(grad)),
    );
    grad.dispose();
  }
}
