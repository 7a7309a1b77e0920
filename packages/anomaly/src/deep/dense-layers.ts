import type { Key, Module } from '@dl/core';
import { Linear, Sequential } from '@dl/core/nn';
import type { FusedActivation } from '@dl/core/ops';
import type { Matrix } from '../data/matrix';
import type { Stored } from '../detector/definition';

/** What a hidden layer does to its sums. */
export type Activation = Extract<FusedActivation, 'relu' | 'elu' | 'tanh' | 'sigmoid'>;

/** Weights and biases of a network by the names they have in PyTorch: `0.weight` is `[out, in]`, `0.bias` is `[out]`. */
export type Weights = { readonly [name: string]: Float32Array };

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

/** Copies of a module's weights, by name. */
export function weightsOf(model: Module<never, unknown>): Record<string, Float32Array> {
  const weights: Record<string, Float32Array> = {};
  for (const [name, param] of model.parameters()) weights[name] = Float32Array.from(param.value.dataSync());
  return weights;
}

/** What a file holds of the layers. */
export function storedLayers(plan: readonly LayerPlan[]): Record<string, Stored> {
  const layout: Record<string, Stored> = {};
  for (const { name, bias } of plan) {
    layout[`${name}.weight`] = 'float32';
    if (bias) layout[`${name}.bias`] = 'float32';
  }
  return layout;
}

/** What is wrong with weights out of a file: sizes, or numbers that are none. */
export function faultOfLayers(weights: Weights, plan: readonly LayerPlan[]): string | undefined {
  for (const layer of plan) {
    const parts: [string, number][] = [[`${layer.name}.weight`, layer.in * layer.out]];
    if (layer.bias) parts.push([`${layer.name}.bias`, layer.out]);
    for (const [name, size] of parts) {
      const values = weights[name];
      if (values?.length !== size) return `${values?.length ?? 0} numbers of '${name}' for ${layer.in} by ${layer.out}`;
      if (!values.every(Number.isFinite)) return `a number of '${name}' is not finite`;
    }
  }
  return undefined;
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
