import type { Key } from '@dl/core';
import { Linear, Sequential } from '@dl/core/nn';
import type { FusedActivation } from '@dl/core/ops';
import type { Matrix } from '../data/matrix';
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

/**
 * The output of layers for rows, `[rows, out of the last]`. In plain float64: what is computed for a row depends on no
 * other row and on no backend, and a detector that was loaded scores without one.
 */
export function applyLayers(weights: Weights, plan: readonly LayerPlan[], { data, rows, columns }: Matrix): Matrix {
  let x = { data, rows, columns };
  for (const layer of plan) {
    const weight = weights[`${layer.name}.weight`]!; // [out, in]
    const bias = layer.bias ? weights[`${layer.name}.bias`]! : undefined;
    const activate = ACTIVATIONS[layer.activation];
    const { in: size, out } = layer;
    const y = new Float64Array(rows * out);
    for (let i = 0; i < rows; i++) {
      const row = x.data.subarray(i * size, (i + 1) * size);
      for (let o = 0, at = 0; o < out; o++) {
        let sum = bias === undefined ? 0 : bias[o]!;
        for (let j = 0; j < size; j++) sum += weight[at++]! * row[j]!;
        y[i * out + o] = activate(sum);
      }
    }
    x = { data: y, rows, columns: out };
  }
  return x;
}

const ACTIVATIONS: Readonly<Record<Activation | 'linear', (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};
