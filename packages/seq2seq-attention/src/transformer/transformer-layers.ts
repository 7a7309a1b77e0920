import { type Context, EVAL, type Key, type Member, Module, type Shape } from '@dl/core';
import { checks, Dropout, LayerNorm } from '@dl/core/nn';
import { add, concat, type Tensor } from '@dl/core/ops';
import { MultiHeadAttention, type MultiHeadMemory } from '../attention/multi-head-attention';
import { FeedForward, type FeedForwardActivation } from './feed-forward';

/** Options that the layers of encoder and decoder share. */
export interface TransformerLayerConfig {
  /** Features of a token; PyTorch's `d_model`. */
  dim: number;
  /** Heads of attention; PyTorch's `nhead`. */
  heads: number;
  /** Heads of keys and values. @default heads */
  kvHeads?: number;
  /** Width between the two products; PyTorch's `dim_feedforward`. @default 4 * dim */
  hidden?: number;
  /** @default 'relu' */
  activation?: FeedForwardActivation;
  /** Whether queries and keys are turned by their places. @default false */
  rotary?: boolean;
  /** Distances that scores learn a number for. @default none */
  relative?: number;
  /** The chance that a feature is dropped, in training. @default 0.1 */
  dropout?: number;
  /** Draws the weights. */
  key: Key;
}

function partsOf(config: TransformerLayerConfig) {
  const { dim, heads, kvHeads = heads, hidden = 4 * dim, activation = 'relu', dropout = 0.1, key } = config;
  const { rotary = false, relative } = config;
  const attention = { dim, heads, kvHeads, dropout };
  return {
    attention,
    self: { ...attention, rotary, ...(relative !== undefined && { relative }) },
    feedForward: new FeedForward({ dim, hidden, activation, dropout, key: key.child('feedForward') }),
    norm: () => new LayerNorm({ normalizedShape: dim }),
    drop: () => new Dropout({ rate: dropout }),
  };
}

function checkFeatures(layer: checks.Checked, x: Tensor, dim: number): void {
  checks.checkFloat(layer, x);
  checks.checkRank(layer, x.shape, 'batch', 3, 3);
  checks.checkLastAxis(layer, x.shape, 'batch', { size: dim, axis: 'features', option: 'dim' });
}

/** A layer's members with those of its feed-forward part beside them, as PyTorch names them. */
function* flat(members: Iterable<[string, Member]>): Iterable<[string, Member]> {
  for (const [name, member] of members) {
    if (member instanceof FeedForward) yield* member.members();
    else yield [name, member];
  }
}

/**
 * A layer of a Transformer encoder, the norms before the parts (Xiong et al. 2020): `x += attention(norm(x))`,
 * `x += linear2(act(linear1(norm(x))))`. PyTorch's `nn.TransformerEncoderLayer` with `norm_first`, the same names.
 *
 * `[batch, time, dim]` to the same shape; `lengths` or `mask` of the context hide padding.
 */
export class TransformerEncoderLayer extends Module {
  readonly self_attn: MultiHeadAttention;
  readonly feedForward: FeedForward;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;

  /** @throws ConfigError for sizes that are no positive integers, or heads that do not divide the features */
  constructor(config: TransformerLayerConfig) {
    super();
    const { self, feedForward, norm, drop } = partsOf(config);
    this.self_attn = new MultiHeadAttention({ ...self, key: config.key.child('self_attn') });
    this.feedForward = feedForward;
    this.norm1 = norm();
    this.norm2 = norm();
    this.dropout1 = drop();
    this.dropout2 = drop();
  }

  override *members(): Iterable<[string, Member]> {
    yield* flat(super.members());
  }

  /** @throws ShapeError for another number of features */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    checkFeatures(this, x, this.self_attn.dim);
    const attended = this.self_attn.forward(this.norm1.forward(x), ctx).output;
    const y = add<Tensor>(x, this.dropout1.forward(attended, ctx));
    return add(y, this.dropout2.forward(this.feedForward.forward(this.norm2.forward(y), ctx), ctx));
  }

  outputShape(input: Shape): Shape {
    return this.self_attn.outputShape(input);
  }
}

/** What a decoder layer works on. */
export interface TransformerDecoderInput {
  /** `[batch, time, dim]` */
  x: Tensor;
  /** What the encoder says of each token, `[batch, sourceTime, dim]`. */
  memory: Tensor;
  /** How many tokens of each source are real. @default all */
  memoryLengths?: readonly number[] | Tensor | undefined;
}

/** What a decoder layer has of the steps before, and of the source. */
export type TransformerLayerState = {
  /** Keys and values of the steps before; none at the first. */
  self?: MultiHeadMemory;
  /** Keys and values of the source. */
  cross: MultiHeadMemory;
};

/**
 * A layer of a Transformer decoder, the norms before the parts: attention to the steps before, attention to the source, two
 * products. PyTorch's `nn.TransformerDecoderLayer` with `norm_first`, the same names.
 */
export class TransformerDecoderLayer extends Module<TransformerDecoderInput, Tensor> {
  readonly self_attn: MultiHeadAttention;
  readonly multihead_attn: MultiHeadAttention;
  readonly feedForward: FeedForward;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;

  /** @throws ConfigError for sizes that are no positive integers, or heads that do not divide the features */
  constructor(config: TransformerLayerConfig) {
    super();
    const { attention, self, feedForward, norm, drop } = partsOf(config);
    this.self_attn = new MultiHeadAttention({ ...self, causal: true, key: config.key.child('self_attn') });
    this.multihead_attn = new MultiHeadAttention({ ...attention, key: config.key.child('multihead_attn') });
    this.feedForward = feedForward;
    this.norm1 = norm();
    this.norm2 = norm();
    this.norm3 = norm();
    this.dropout1 = drop();
    this.dropout2 = drop();
    this.dropout3 = drop();
  }

  override *members(): Iterable<[string, Member]> {
    yield* flat(super.members());
  }

  /** @throws ShapeError for another number of features */
  forward({ x, memory, memoryLengths }: TransformerDecoderInput, ctx: Context = EVAL): Tensor {
    checkFeatures(this, x, this.self_attn.dim);
    // Lengths of the context are none of the target's: what lies behind its end is never looked at.
    const own: Context = { train: ctx.train, ...(ctx.key && { key: ctx.key }) };
    const y = add<Tensor>(x, this.dropout1.forward(this.self_attn.forward(this.norm1.forward(x), own).output, own));
    const query = this.norm2.forward(y);
    const seen = this.multihead_attn.forward({ query, key: memory, keyLengths: memoryLengths }, own);
    return this.#feed(add(y, this.dropout2.forward(seen.output, own)), own);
  }

  /** The state before the first step. */
  start(memory: Tensor): TransformerLayerState {
    return { cross: this.multihead_attn.remember(memory) };
  }

  /**
   * One step.
   *
   * @param x `[batch, 1, dim]`
   * @param position its place
   */
  step(
    x: Tensor,
    state: TransformerLayerState,
    position: number,
    memoryLengths: Tensor,
  ): { output: Tensor; weights: Tensor; state: TransformerLayerState } {
    const query = this.norm1.forward(x);
    const now = this.self_attn.remember(query, query, position);
    const self = state.self
      ? { key: concat([state.self.key, now.key], 1), value: concat([state.self.value, now.value], 1) }
      : now;
    const y = add<Tensor>(x, this.self_attn.attend(query, self, EVAL, { offset: position }).output);
    const seen = this.multihead_attn.attend(this.norm2.forward(y), state.cross, EVAL, {
      keyLengths: memoryLengths,
      needWeights: true,
    });
    return {
      output: this.#feed(add(y, seen.output), EVAL),
      weights: seen.weights!,
      state: { self, cross: state.cross },
    };
  }

  outputShape(input: Shape): Shape {
    return input;
  }

  #feed(y: Tensor, ctx: Context): Tensor {
    return add(y, this.dropout3.forward(this.feedForward.forward(this.norm3.forward(y), ctx), ctx));
  }
}
