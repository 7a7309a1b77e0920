import { type Context, EVAL, type Member, Module, type Shape } from '@dl/core';
import { defineSpec } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { GRU, type GRUConfig } from './gru';
import { LSTM, type LSTMConfig } from './lstm';
import type { Recurrent, RecurrentOutput } from './recurrent';
import { RNN, type RNNConfig } from './rnn';

/** Which output a recurrent layer hands on in a stack. */
export interface Returns {
  /** The outputs of all steps, or those after the last one. @default 'sequence' */
  returns?: 'sequence' | 'last';
}

/** A recurrent layer in a stack: one of its outputs goes on. Its parameters have the names of the layer. */
export class Stacked extends Module {
  readonly #layer: Recurrent<RecurrentOutput>;
  readonly #returns: 'sequence' | 'last';

  constructor(layer: Recurrent<RecurrentOutput>, returns: 'sequence' | 'last' = 'sequence') {
    super();
    this.#layer = layer;
    this.#returns = returns;
  }

  /** The layer that runs. */
  get layer(): Recurrent<RecurrentOutput> {
    return this.#layer;
  }

  override keptBytes(input: Shape): number {
    return this.#layer.keptBytes(input);
  }

  override *members(): Iterable<[string, Member]> {
    yield* this.#layer.members();
  }

  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    // The layer is in no walk of its own: its randomness follows from this one's place in the model.
    const own = ctx.train && ctx.key ? { ...ctx, key: this.keyOf(ctx) } : ctx;
    const { output, last } = this.#layer.forward(x, own);
    return this.#returns === 'last' ? last : output;
  }

  outputShape(input: Shape): Shape {
    const output = this.#layer.outputShape(input);
    return this.#returns === 'last' ? output.slice(1) : output;
  }
}

type Sized = 'in' | 'key';

/** Spec of an `RNN`. */
export const rnn = defineSpec('rnn', ({ returns, ...config }: Omit<RNNConfig, Sized> & Returns, input, key) => {
  return new Stacked(new RNN({ ...config, in: input.at(-1)!, key }), returns);
});

/** Spec of an `LSTM`. */
export const lstm = defineSpec('lstm', ({ returns, ...config }: Omit<LSTMConfig, Sized> & Returns, input, key) => {
  return new Stacked(new LSTM({ ...config, in: input.at(-1)!, key }), returns);
});

/** Spec of a `GRU`. */
export const gru = defineSpec('gru', ({ returns, ...config }: Omit<GRUConfig, Sized> & Returns, input, key) => {
  return new Stacked(new GRU({ ...config, in: input.at(-1)!, key }), returns);
});
