import { type Context, EVAL, type Key, key as keyOf, type Module, type Shape } from '@dl/core';
import { functional } from '@dl/core/nn';
import { add, grads, mul, sum, type Tensor, tensor, tidy } from '@dl/core/ops';
import type { Values } from './matchers';
import { tensorsOf } from './outputs';

/** In which way a layer is run. */
export type Mode = 'evaluation' | 'training';

/** A layer and what it is fed with. */
export interface BenchConfig<Out> {
  /** Makes the layer; the same key makes the same layer. */
  make: (key: Key) => Module<Tensor, Out>;
  /** The shape of a batch of inputs, of at least two examples, filled with normal numbers; or what makes the batch. */
  input: Shape | ((key: Key) => Tensor);
  /** Lengths and masks that go with the input. */
  context?: Pick<Context, 'lengths' | 'mask'>;
}

/** A layer with an input, to be run and differentiated: its loss is the sum of its outputs, each times a fixed random number. */
export class Bench<Out> {
  readonly layer: Module<Tensor, Out>;
  readonly x: Tensor;
  readonly evaluation: Context;
  readonly training: Context;

  constructor({ make, input, context }: BenchConfig<Out>) {
    const [layerKey, valueKey, inputKey] = keyOf(1).split(3);
    this.layer = make(layerKey);
    this.x = typeof input === 'function' ? input(inputKey) : normal(inputKey, input);
    this.evaluation = { ...EVAL, ...context };
    this.training = { ...context, train: true, key: keyOf(7) };
    // Gains of 1 and biases of 0 would hide mistakes.
    for (const [name, param] of this.layer.parameters()) {
      const noise = valueKey.child(name).normal(param.size, { std: 0.3 });
      param.assign((param.value.dataSync() as Float32Array).map((value, i) => value + noise[i]!));
    }
  }

  /** The names of what can be differentiated by: the parameters, and `input` where it holds fractions. */
  get names(): string[] {
    return [...this.layer.parameters().keys(), ...(this.x.dtype === 'float32' ? ['input'] : [])];
  }

  /** The tensors that belong to the names. */
  get values(): Tensor[] {
    const inputs = this.x.dtype === 'float32' ? [this.x] : [];
    return [...[...this.layer.parameters().values()].map((param) => param.value), ...inputs];
  }

  /** The outputs for other values of what the names name. */
  outputs(mode: Mode, values: readonly Tensor[]): Record<string, Tensor> {
    const { params, apply } = functional(this.layer);
    const names = [...params.keys()];
    const x = values[names.length] ?? this.x;
    const given = new Map(names.map((name, i) => [name, values[i]!]));
    return tensorsOf(apply(given, x, this[mode]));
  }

  /** The loss for other values of what the names name. */
  loss(mode: Mode, values: readonly Tensor[]): Tensor {
    const weighted = Object.entries(this.outputs(mode, values))
      .filter(([, output]) => output.dtype === 'float32')
      .map(([name, output]) => sum(mul(output, normal(keyOf(3).child(name), output.shape))));
    return weighted.reduce((a, b) => add<Tensor>(a, b));
  }

  /** Outputs and gradients as plain values. */
  run(mode: Mode): Record<string, Values> {
    return tidy(() => {
      const values = this.values;
      const results = Object.entries(this.outputs(mode, values));
      if (values.length > 0) {
        const gradients = grads((...given: Tensor[]) => this.loss(mode, given))(values);
        for (const [i, name] of this.names.entries()) results.push([`gradient of ${name}`, gradients[i]!]);
      }
      return Object.fromEntries(results.map(([name, value]) => [name, { shape: value.shape, data: value.dataSync() }]));
    });
  }

  dispose(): void {
    this.layer.dispose();
    this.x.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function normal(key: Key, shape: Shape): Tensor {
  return tensor(key.normal(shape), [...shape], 'float32');
}
