import { type Context, key, Module, type Shape } from '@dl/core';
import { functional } from '@dl/core/nn';
import { add, grads, mul, sum, type Tensor, tidy, withComposedOps } from '@dl/core/ops';
import { expectGolden, type OracleCase, onBackends, readOracle, tensorOf } from '@dl/testing';
import { test } from 'vitest';
import type { Nonlinearity } from './cells/rnn-cell';
import { GRU } from './gru';
import { LSTM } from './lstm';
import type { Recurrent, RecurrentOutput, RecurrentState } from './recurrent';
import { RNN } from './rnn';

interface Params {
  layers: number;
  bidirectional: boolean;
  lengths: number[] | null;
  hidden: number;
  nonlinearity?: Nonlinearity | null;
  bias: boolean;
  proj_size?: number;
}

function layerOf(op: string, p: Params, inputs: number): Recurrent<RecurrentOutput> {
  const { layers, bidirectional, hidden, bias } = p;
  const config = { in: inputs, hidden, layers, bidirectional, bias, key: key(0) };
  if (op === 'LSTM') return new LSTM({ ...config, ...(p.proj_size && { projSize: p.proj_size }) });
  if (op === 'GRU') return new GRU(config);
  return new RNN({ ...config, nonlinearity: p.nonlinearity ?? 'tanh' });
}

/** A layer that begins in a given state. */
class Started extends Module<Tensor, RecurrentOutput> {
  state: RecurrentState | undefined;
  readonly #layer: Recurrent<RecurrentOutput>;

  constructor(layer: Recurrent<RecurrentOutput>) {
    super();
    this.#layer = layer;
  }

  override members() {
    return this.#layer.members();
  }

  forward(x: Tensor, ctx?: Context): RecurrentOutput {
    return this.#layer.forward(x, ctx, this.state);
  }

  outputShape(input: Shape): Shape {
    return this.#layer.outputShape(input);
  }
}

/** Outputs and all gradients of a golden case. */
function check(golden: OracleCase): void {
  const p = golden.params as unknown as Params;
  const { x, h0, c0, ...weights } = golden.inputs;
  using layer = layerOf(golden.op, p, x!.shape[2]!);
  tidy(() => {
    const names = Object.keys(golden.inputs);
    const started = new Started(layer);
    const { apply } = functional(started);
    const states = [h0 && 'h0', c0 && 'c0'].filter((name) => name !== undefined);
    const values = names.map((name) => tensorOf(golden.inputs[name]!));
    const outputsOf = (given: readonly Tensor[]) => {
      const of = (name: string) => given[names.indexOf(name)]!;
      const params = new Map(Object.keys(weights).map((name) => [name, of(name)]));
      const state: RecurrentState | undefined =
        states.length > 0 ? { h: of('h0'), ...(c0 && { c: of('c0') }) } : undefined;
      started.state = state;
      const ctx = { train: false, ...(p.lengths && { lengths: p.lengths }) };
      const { output, h, c } = apply(params, of('x'), ctx) as RecurrentOutput & { c?: Tensor };
      return { y: output, hn: h, ...(c && { cn: c }) } as Record<string, Tensor>;
    };
    const outputs = outputsOf(values);
    for (const [name, reference] of Object.entries(golden.outputs)) {
      expectGolden(outputs[name]!, reference, golden.f32_noise?.[name], name);
    }
    const loss = (...given: Tensor[]) => {
      const terms = Object.entries(outputsOf(given)).map(([name, value]) =>
        sum(mul(value, tensorOf(golden.grad_outputs![name]!))),
      );
      return terms.reduce((a, b) => add<Tensor>(a, b));
    };
    for (const [i, gradient] of grads(loss)(values).entries()) {
      const name = names[i]!;
      expectGolden(gradient, golden.grads![name]!, golden.f32_noise?.[`grad:${name}`], `gradient of ${name}`);
    }
  });
}

onBackends(['wasm', 'cpu'], (backend) => {
  for (const group of ['rnn_tanh', 'rnn_relu', 'lstm', 'gru']) {
    for (const golden of readOracle('torch', group).cases) {
      test(golden.name, () => check(golden));
      if (backend === 'wasm') test(`${golden.name} composed`, () => withComposedOps(() => check(golden)));
    }
  }
});
