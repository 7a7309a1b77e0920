import { type Context, EVAL, type Key, Module, type Shape } from '@dl/core';
import { checks, Embedding } from '@dl/core/nn';
import { dropout, type Tensor } from '@dl/core/ops';
import type { Recurrent, RecurrentOutput, RecurrentState } from '@dl/rnn';
import { type CellKind, recurrentLayer, statesOf } from './recurrent-layer';

/** Options of `Encoder`. */
export interface EncoderConfig {
  /** Tokens of the source vocabulary. */
  num: number;
  /** Features of a token. */
  dim: number;
  /** Size of the hidden state, in each direction. */
  hidden: number;
  /** Layers on top of each other. @default 1 */
  layers?: number;
  /** Whether the source is read from both ends. @default false */
  bidirectional?: boolean;
  /** @default 'lstm' */
  cell?: CellKind;
  /** The chance that a feature is dropped, behind the embedding and between the layers, in training. @default 0 */
  dropout?: number;
  /** An embedding that is shared with another module. @default one of its own */
  embedding?: Embedding;
  /** Draws the weights. */
  key: Key;
}

/** What an encoder gives. */
export type EncoderOutput = {
  /** What it says of each token, `[batch, time, hidden * directions]`; 0 where there is padding. */
  output: Tensor;
  /** The last states of all layers and directions, `[layers * directions, batch, hidden]`. */
  state: RecurrentState;
};

/**
 * Reads a sequence of tokens: embedding, then a recurrent network. Sutskever et al. 2014, Cho et al. 2014.
 *
 * Token numbers `[batch, time]` int32 to `{ output: [batch, time, size], state }`; `lengths` of the context tell which tokens are
 * real. Weights: `embedding.weight` `[num, dim]`, `rnn.weight_ih_l0` and so on, as in PyTorch.
 */
export class Encoder extends Module<Tensor, EncoderOutput> {
  readonly layers: number;
  readonly hidden: number;
  readonly bidirectional: boolean;
  readonly cell: CellKind;
  readonly dropout: number;
  readonly embedding: Embedding;
  readonly rnn: Recurrent<RecurrentOutput>;

  /** @throws ConfigError for sizes that are no positive integers */
  constructor(config: EncoderConfig) {
    super();
    const { num, dim, hidden, layers = 1, bidirectional = false, cell = 'lstm', key } = config;
    checks.checkNumber(this, 'dropout', config.dropout ?? 0, { min: 0, below: 1 });
    this.layers = layers;
    this.hidden = hidden;
    this.bidirectional = bidirectional;
    this.cell = cell;
    this.dropout = config.dropout ?? 0;
    this.embedding = config.embedding ?? new Embedding({ num, dim, key: key.child('embedding') });
    this.rnn = recurrentLayer(this.where, cell, {
      in: dim,
      hidden,
      layers,
      bidirectional,
      dropout: layers > 1 ? this.dropout : 0,
      key: key.child('rnn'),
    });
  }

  /** Features of the output. */
  get size(): number {
    return this.hidden * (this.bidirectional ? 2 : 1);
  }

  /**
   * @param x token numbers, `[batch, time]`
   * @throws ConfigError for a number that no token has
   */
  forward(x: Tensor, ctx: Context = EVAL): EncoderOutput {
    const embedded = this.embedding.forward(x);
    const dropped =
      ctx.train && this.dropout > 0 ? dropout(embedded, { rate: this.dropout, key: this.keyOf(ctx) }) : embedded;
    const result = this.rnn.forward(dropped, ctx);
    return { output: result.output, state: statesOf(result) };
  }

  outputShape(input: Shape): Shape {
    return [...input, this.size];
  }
}
