import type { Key } from '@dl/core';
import { Linear, Sequential } from '@dl/core/nn';
import type { FusedActivation } from '@dl/core/ops';
import { type Matrix, sliceRows, zeros } from '../data/matrix';
import { withKernels } from '../memory/kernels';
import type { Sizes, Weights } from './weights';

/** What a hidden layer does to its sums. */
export type Activation = Extract<FusedActivation, 'relu' | 'elu' | 'tanh' | 'sigmoid'>;

/** One layer of a stack, before it has weights. */
export interface LayerPlan {
  /** Where its weights are kept: `encoder.0`. */
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly bias: boolean;
  readonly activation: Activation | 'linear';
}

/**
 * Layers from size to size, the last one linear.
 *
 * @param sizes of the input and of every layer's output
 * @param prefix of the layers' names: `encoder.`
 */
export function planLayers(
  sizes: readonly number[],
  activation: Activation,
  { prefix = '', bias = true, last = 'linear' }: { prefix?: string; bias?: boolean; last?: Activation | 'linear' } = {},
): LayerPlan[] {
  return sizes.slice(1).map((out, i) => ({
    name: `${prefix}${i}`,
    in: sizes[i]!,
    out,
    bias,
    activation: i === sizes.length - 2 ? last : activation,
  }));
}

/** The layers as a module that can be trained. */
export function buildStack(plan: readonly LayerPlan[], key: Key): Sequential {
  return new Sequential(plan.map(({ name, ...sizes }) => new Linear({ ...sizes, key: key.child(name) })));
}

/** How many weights and biases each layer has. */
export function sizesOf(plan: readonly LayerPlan[]): Sizes {
  const sizes: Record<string, number> = {};
  for (const { name, in: inputs, out, bias } of plan) {
    sizes[`${name}.weight`] = inputs * out;
    if (bias) sizes[`${name}.bias`] = out;
  }
  return sizes;
}

/** Rows that go through the layers together, so that memory stays flat. */
const ROWS_AT_ONCE = 512;

/**
 * The output of layers for rows, `[rows, out of the last]`. In float64: what is computed for a row depends on no other row
 * and on no backend, and a detector that was loaded scores without one.
 */
export function applyLayers(weights: Weights, plan: readonly LayerPlan[], rows: Matrix): Matrix {
  const outputs = zeros(rows.rows, plan.at(-1)!.out);
  for (let from = 0; from < rows.rows; from += ROWS_AT_ONCE) {
    let x = sliceRows(rows, from, Math.min(rows.rows, from + ROWS_AT_ONCE));
    for (const layer of plan) x = applyLayer(weights, layer, x);
    outputs.data.set(x.data, from * outputs.columns);
  }
  return outputs;
}

function applyLayer(weights: Weights, { name, in: inputs, out, bias, activation }: LayerPlan, x: Matrix): Matrix {
  const y = withKernels((kernels, lease) => {
    const packed = lease.bytes(kernels.panelBytes(out, inputs));
    kernels.packRows(out, inputs, lease.put(Float64Array.from(weights[`${name}.weight`]!)), packed); // [out, in]
    const sums = lease.bytes(8 * x.rows * out);
    kernels.products(x.rows, out, inputs, lease.put(x.data), packed, sums, lease.bytes(128));
    return lease.float64(sums, x.rows * out);
  });
  const shift = bias ? weights[`${name}.bias`]! : new Float32Array(out);
  const activate = ACTIVATIONS[activation];
  for (let i = 0, at = 0; i < x.rows; i++) for (let o = 0; o < out; o++, at++) y[at] = activate(y[at]! + shift[o]!);
  return { data: y, rows: x.rows, columns: out };
}

const ACTIVATIONS: Readonly<Record<Activation | 'linear', (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};
