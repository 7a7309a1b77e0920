import { type Context, EVAL, type Module } from '@dl/core';
import { functional } from '@dl/core/nn';
import { grads, mul, sum, type Tensor, tensor, tidy } from '@dl/core/ops';
import { expectClose, type Values } from './matchers';
import { type OracleTensor, oracleTolerance } from './oracle';

/** A case computed by somebody else. */
export interface Golden {
  name: string;
  /** The layer, with the weights of the case. */
  make: () => Module<Tensor, unknown>;
  input: OracleTensor;
  /** @default evaluation */
  context?: Context;
  /** The main output. */
  output: OracleTensor;
  /** The gradient of the loss for the main output; without it no gradients are compared. */
  gradOutput?: OracleTensor;
  /** Expected gradients by the name of the parameter; that of the input is called `input`. */
  grads?: Readonly<Record<string, OracleTensor>>;
  /** The reference's own float32 error, by `output` or the name of a gradient. */
  noise?: Readonly<Record<string, number | undefined>>;
}

/** Expects output and gradients of a layer to equal golden ones within the oracle's rule. */
export function expectGoldenLayer(golden: Golden, main: (result: never) => Tensor): void {
  const context = golden.context ?? EVAL;
  using layer = golden.make();
  tidy(() => {
    const compare = (what: string, actual: Values, reference: OracleTensor) => {
      expectClose(actual, reference, oracleTolerance(reference, golden.noise?.[what]), what);
    };
    const x = tensorOf(golden.input);
    const { params, apply } = functional(layer);
    const names = [...params.keys()];
    const run = (values: readonly Tensor[]) =>
      main(apply(new Map(names.map((name, i) => [name, values[i]!])), values[names.length] ?? x, context) as never);
    const values = [...params.values(), ...(x.dtype === 'float32' ? [x] : [])];
    compare('output', run(values), golden.output);
    if (golden.gradOutput === undefined) return;
    const upstream = tensorOf(golden.gradOutput);
    const gradients = grads((...given: Tensor[]) => sum(mul(run(given), upstream)))(values);
    const byName = new Map([...names, 'input'].map((name, i) => [name, gradients[i]]));
    for (const [name, reference] of Object.entries(golden.grads ?? {})) compare(name, byName.get(name)!, reference);
  });
}

/** A golden tensor as a tensor. */
export function tensorOf({ shape, dtype, data }: OracleTensor): Tensor {
  return tensor(data, shape, dtype === 'f' ? 'float32' : dtype === 'i' ? 'int32' : 'bool');
}

/** A golden tensor with its channels, axis 1 in PyTorch, on the last axis. */
export function channelsLast({ shape, dtype, data }: OracleTensor): OracleTensor {
  const [batch, channels, ...spatial] = shape as [number, number, ...number[]];
  const places = spatial.reduce((a, b) => a * b, 1);
  const moved = data.map((_, i) => {
    const channel = i % channels;
    const place = Math.floor(i / channels) % places;
    const example = Math.floor(i / channels / places);
    return data[(example * channels + channel) * places + place]!;
  });
  return { shape: [batch, ...spatial, channels], dtype, data: moved };
}
