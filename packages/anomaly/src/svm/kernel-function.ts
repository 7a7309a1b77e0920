import type { Matrix } from '../data/matrix';
import { between, callable, either, oneOf, type Ranges, whole } from '../detector/ranges';

/** A kernel as a function of two rows. */
export type KernelFunction = (a: Float64Array, b: Float64Array) => number;

/** Which kernel a support vector machine or a Nystroem map uses. */
export interface KernelOptions {
  /**
   * `rbf`: e^(-gamma |a - b|^2); `linear`: a . b; `poly`: (gamma a . b + coef0)^degree; `sigmoid`: tanh(gamma a . b + coef0);
   * `precomputed`: rows hold the kernel's values with all training rows; or a function of two rows.
   * @default 'rbf'
   */
  kernel?: 'rbf' | 'linear' | 'poly' | 'sigmoid' | 'precomputed' | KernelFunction;
  /**
   * `scale`: 1 / (features * variance of all numbers); `auto`: 1 / features; or a number, at least 0.
   * @default 'scale'
   */
  gamma?: 'scale' | 'auto' | number;
  /**
   * Of `poly`.
   * @default 3
   */
  degree?: number;
  /**
   * Of `poly` and `sigmoid`.
   * @default 0
   */
  coef0?: number;
}

/** Ranges of `KernelOptions`. */
export const kernelRanges: Ranges<KernelOptions> = {
  kernel: either(
    oneOf('rbf', ['rbf', 'linear', 'poly', 'sigmoid', 'precomputed']),
    callable<KernelFunction>('a function of two rows'),
  ),
  gamma: either<'scale' | 'auto', number>(oneOf('scale', ['scale', 'auto']), between(0, '[)', 0)),
  degree: whole(3, 0),
  coef0: between(0, '()', Number.NEGATIVE_INFINITY),
};

/** gamma as a number. */
export function gammaOf({ data, columns }: Matrix, gamma: 'scale' | 'auto' | number): number {
  if (typeof gamma === 'number') return gamma;
  if (gamma === 'auto') return 1 / columns;
  let mean = 0;
  for (const value of data) mean += value / data.length;
  let variance = 0;
  for (const value of data) variance += (value - mean) ** 2 / data.length;
  return variance === 0 ? 1 : 1 / (columns * variance);
}

/** What a kernel makes of a dot product; undefined for kernels that are no function of it. */
export function ofDot(
  { kernel, degree, coef0 }: { kernel: unknown; degree: number; coef0: number },
  gamma: number,
): ((dot: number) => number) | undefined {
  if (kernel === 'linear') return (dot) => dot;
  if (kernel === 'poly') return (dot) => (gamma * dot + coef0) ** degree;
  if (kernel === 'sigmoid') return (dot) => Math.tanh(gamma * dot + coef0);
  return undefined;
}
