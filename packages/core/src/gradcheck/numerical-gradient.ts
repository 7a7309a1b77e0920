import { type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { DtypeError, ShapeError } from '../errors';

/** Options of `numericalGradient`. */
export interface NumericalGradientOptions {
  /**
   * Step h of the difference, for elements beyond 1 in size as a share of them. The error is about h^2 from the
   * curvature and (precision of f) / h from rounding: smaller is not better.
   * @default 6e-6 for number[], 5e-3 for float32
   */
  eps?: number;
}

/** The cube root of the precision: where the two errors of a central difference are as large as each other. */
const EPS64 = 6e-6;
const EPS32 = 5e-3;

/**
 * The gradient of a scalar function by central differences, the definition of the derivative put to work:
 *
 * df/dx_i = (f(x + h e_i) - f(x - h e_i)) / 2h
 *
 * It takes two calls of `f` an element. On `number[]` it computes in float64 and is good to about 10 digits; on tensors
 * and Float32Array, whose values have 7 digits, to about 4.
 *
 * @param f from a point to a number, or to a tensor of one element; it is given copies
 * @param x the point
 * @returns the gradient, of the kind and shape of `x`; a tensor is yours to dispose of
 * @throws ShapeError where `f` gives more than one number, DtypeError for a tensor other than float32
 *
 * @example
 * ```ts
 * import { numericalGradient } from '@dl/core';
 * numericalGradient(([x, y]) => x ** 2 + 3 * y, [2, 1]); // [4, 3]
 * ```
 */
export function numericalGradient(
  f: (x: number[]) => number,
  x: readonly number[],
  options?: NumericalGradientOptions,
): number[];
export function numericalGradient(
  f: (x: Float32Array) => number,
  x: Float32Array,
  options?: NumericalGradientOptions,
): Float32Array;
export function numericalGradient(
  f: (x: Tensor) => Tensor | number,
  x: Tensor,
  options?: NumericalGradientOptions,
): Tensor;
export function numericalGradient(
  f: ((x: number[]) => number) | ((x: Float32Array) => number) | ((x: Tensor) => Tensor | number),
  x: readonly number[] | Float32Array | Tensor,
  options: NumericalGradientOptions = {},
): number[] | Float32Array | Tensor {
  if (x instanceof Float32Array) {
    const evaluate = f as (x: Float32Array) => number;
    return Float32Array.from(differences((values) => evaluate(Float32Array.from(values)), x, options.eps ?? EPS32));
  }
  if (isNumbers(x)) {
    const evaluate = f as (x: number[]) => number;
    return differences((values) => evaluate([...values]), x, options.eps ?? EPS64);
  }
  if (x.dtype !== 'float32') throw new DtypeError(`numericalGradient: the point is ${x.dtype}; it must be float32`);
  const evaluate = f as (x: Tensor) => Tensor | number;
  const valueAt = (values: Float32Array) =>
    tidy(() => {
      const y = evaluate(tensor(values.slice(), x.shape));
      if (typeof y === 'number') return { value: y };
      if (y.size !== 1) {
        throw new ShapeError(
          'numericalGradient',
          `the function gives ${y.size} numbers, a gradient is that of one`,
          [{ label: 'output', shape: y.shape }],
          'sum or average them, or use checkGradients, which takes any output',
        );
      }
      return { value: y.dataSync()[0]! };
    }).value;
  return tensor(Float32Array.from(differences(valueAt, x.dataSync<'float32'>(), options.eps ?? EPS32)), x.shape);
}

function isNumbers(x: readonly number[] | Tensor): x is readonly number[] {
  return Array.isArray(x);
}

function differences<X extends number[] | Float32Array>(
  f: (x: X) => number,
  x: X | readonly number[],
  eps: number,
): number[] {
  const moved = x.slice() as X;
  return Array.from(x, (at, i) => {
    const h = eps * Math.max(1, Math.abs(at));
    const [high, low] = [at + h, at - h].map((value) => {
      moved[i] = value;
      return { at: moved[i], value: f(moved) };
    }) as [Side, Side];
    moved[i] = at;
    return (high.value - low.value) / (high.at - low.at); // float32 may have rounded the places
  });
}

interface Side {
  at: number;
  value: number;
}
