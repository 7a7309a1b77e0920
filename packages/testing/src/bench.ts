import { type Context, EVAL, type Key, key as keyOf, type Module, type Shape } from '@dl/core';
import { functional } from '@dl/core/nn';
import { addN, grads, mul, sum, type Tensor, tensor, tidy } from '@dl/core/ops';
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

/** A layer with an input, to be run and differentiated. */
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

  /** What the outputs can be differentiated by: the parameters by name, and `input` where it holds fractions. */
  get variables(): Record<string, Tensor> {
    const params = [...this.layer.parameters()].map(([name, param]) => [name, param.value] as const);
    return { ...Object.fromEntries(params), ...(this.x.dtype === 'float32' && { input: this.x }) };
  }

  /** The outputs for other values of the variables. */
  outputs(mode: Mode, variables: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const { input = this.x, ...params } = variables;
    return tensorsOf(functional(this.layer).apply(new Map(Object.entries(params)), input, this[mode]));
  }

  /** Outputs, and gradients of their sum, each weighed with a fixed random number, as plain values. */
  run(mode: Mode): Record<string, Values> {
    return tidy(() => {
      const variables = this.variables;
      const names = Object.keys(variables);
      const results = Object.entries(this.outputs(mode, variables));
      if (names.length > 0) {
        const loss = (...values: Tensor[]) => {
          const outputs = this.outputs(mode, Object.fromEntries(names.map((name, i) => [name, values[i]!])));
          const weighed = Object.entries(outputs)
            .filter(([, output]) => output.dtype === 'float32')
            .map(([name, output]) => sum(mul(output, normal(keyOf(3).child(name), output.shape))));
          return addN(weighed);
        };
        const gradients = grads(loss)(Object.values(variables));
        for (const [i, name] of names.entries()) results.push([`gradient of ${name}`, gradients[i]!]);
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
