import type { Module } from '@dl/core';
import { type Tensor, tensor2d } from '@dl/core/ops';
import type { Matrix } from '../data/matrix';
import type { Stored } from '../detector/definition';
import type { Windows } from './train-network';

/** Weights and biases of a network by their names in the module: `0.weight` is `[out, in]`, `0.bias` is `[out]`. */
export type Weights = { readonly [name: string]: Float32Array };

/** How many numbers there are of each name. */
export type Sizes = { readonly [name: string]: number };

/** Rows that a network is given at once, so that memory stays flat. */
const ROWS_AT_ONCE = 256;

/** Copies of a module's weights, by name. */
export function weightsOf(model: Module<never, unknown>): Record<string, Float32Array> {
  const weights: Record<string, Float32Array> = {};
  for (const [name, param] of model.parameters()) weights[name] = Float32Array.from(param.value.dataSync());
  return weights;
}

/** What a file holds of weights. */
export function storedWeights(sizes: Sizes): Record<string, Stored> {
  return Object.fromEntries(Object.keys(sizes).map((name) => [name, 'float32']));
}

/** What is wrong with weights out of a file: sizes, or numbers that are none. */
export function faultOfWeights(weights: { readonly [name: string]: unknown }, sizes: Sizes): string | undefined {
  for (const [name, size] of Object.entries(sizes)) {
    const values = weights[name] as Float32Array | undefined;
    if (values?.length !== size) return `${values?.length ?? 0} numbers of '${name}', not ${size}`;
    if (!values.every(Number.isFinite)) return `a number of '${name}' is not finite`;
  }
  return undefined;
}

/**
 * What a network gives for rows, `[rows, outputs]`, computed on the backend in float32.
 *
 * @param model is given the weights, and stays the caller's
 */
export function outputsOf(
  model: Module<Tensor, Tensor>,
  weights: Weights,
  { data, rows, columns, step }: Windows,
): Matrix {
  for (const [name, param] of model.parameters()) param.assign(weights[name]!);
  let outputs: Float64Array | undefined;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, rows - from);
    const values = new Float32Array(count * columns);
    for (let i = 0; i < count; i++) {
      const start = (from + i) * (step ?? columns);
      values.set(data.subarray(start, start + columns), i * columns);
    }
    using x = tensor2d(values, [count, columns]);
    using y = model.predict(x);
    outputs ??= new Float64Array((rows * y.size) / count);
    outputs.set(y.dataSync(), (from * y.size) / count);
  }
  return { data: outputs!, rows, columns: outputs!.length / rows };
}
