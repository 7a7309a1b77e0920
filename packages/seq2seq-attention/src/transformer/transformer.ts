import { ConfigError, type Context, EVAL, Module, Param, type Shape } from '@dl/core';
import { checks, Dropout, Embedding, initializers, LayerNorm, Linear } from '@dl/core/nn';
import { add, argMax, expandDims, gather, linear, mean, mul, reshape, type Tensor, tensor, zeros } from '@dl/core/ops';
import {
  type Seq2SeqInput,
  Seq2SeqModel,
  type Seq2SeqOutput,
  type SourceBatch,
  type StepOutput,
} from '../model/seq2seq-model';
import { sinusoidalPositions } from './sinusoidal';
import {
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerConfig,
  type TransformerLayerState,
} from './transformer-layers';

/** Options of `Transformer`. */
export interface TransformerConfig extends Omit<TransformerLayerConfig, 'rotary' | 'relative'> {
  /** Tokens of the source vocabulary. */
  source: number;
  /** Tokens of the target vocabulary. */
  target: number;
  /** Layers of the encoder, and of the decoder. @default 2 */
  layers?: number;
  /**
   * How places are told: added waves (Vaswani et al. 2017), turned queries and keys (Su et al. 2021), or a number learnt for each
   * distance (up to 16).
   * @default 'sinusoidal'
   */
  positions?: 'sinusoidal' | 'rotary' | 'relative';
  /** Whether the scores are products with the target's embeddings; `all`: which are those of the source too. @default true */
  tied?: boolean | 'all';
  /** The longest source it takes. @default any */
  maxLength?: number | undefined;
}

/** What decoding carries from step to step. */
export type TransformerState = {
  /** How many steps are done. */
  position: number;
  layers: TransformerLayerState[];
  /** [rows] int32, the real tokens of each source */
  lengths: Tensor;
};

/** Layers one after the other, and a norm. */
class Stack<Layer extends Module<never, Tensor>> extends Module {
  readonly layers: Layer[];
  readonly norm: LayerNorm;

  constructor(layers: Layer[], dim: number) {
    super();
    this.layers = layers;
    this.norm = new LayerNorm({ normalizedShape: dim });
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(x);
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

/**
 * The Transformer: an encoder-decoder of attention alone. Vaswani et al. 2017, with the norms before the parts (Xiong et al. 2020),
 * which trains without a warm-up. The same interface as `EncoderDecoder`: the same training, search and alignment.
 *
 * `{ source, sourceLengths, target }` to `{ logits: [batch, targetTime, vocabulary] }`. Weights have the names of PyTorch's
 * `nn.Transformer`: `encoder.layers.0.self_attn.in_proj_weight`, `decoder.layers.0.multihead_attn.out_proj.weight`; besides
 * `source.weight` and `target.weight` of the embeddings, and `out.weight` and `out.bias` (tied: `bias`) of the scores.
 *
 * Scheduled sampling reads the target twice: once to choose what it would have written, and once with that (Mihaylova and Martins
 * 2019).
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { greedySearch, Transformer } from '@dl/seq2seq-attention';
 *
 * await init();
 * const model = new Transformer({ source: 30, target: 40, dim: 16, heads: 4, key: key(0) });
 * const source = tensor([[5, 6, 7], [8, 9, 0]], [2, 3], 'int32');
 * greedySearch(model, { source, sourceLengths: [3, 2] }, { maxLength: 5 }).length; // 2
 * ```
 */
export class Transformer extends Seq2SeqModel<TransformerState> {
  readonly dim: number;
  readonly positions: 'sinusoidal' | 'rotary' | 'relative';
  readonly maxLength: number | undefined;
  readonly source: Embedding;
  readonly target: Embedding;
  readonly encoder: Stack<TransformerEncoderLayer>;
  readonly decoder: Stack<TransformerDecoderLayer>;
  readonly out: Linear | undefined;
  /** The bias of tied scores. */
  readonly bias: Param | undefined;
  readonly sourceDropout: Dropout;
  readonly targetDropout: Dropout;

  /** @throws ConfigError for sizes that are no positive integers, heads that do not divide the features, vocabularies that differ */
  constructor(config: TransformerConfig) {
    super();
    const { source, target, dim, layers = 2, positions = 'sinusoidal', tied = true, key } = config;
    const { dropout = 0.1, maxLength } = config;
    for (const [option, size] of Object.entries({ source, target, dim, layers })) checks.checkSize(this, option, size);
    if (!['sinusoidal', 'rotary', 'relative'].includes(positions)) {
      throw new ConfigError(this.where, `positions is '${String(positions)}'`, "'sinusoidal', 'rotary' or 'relative'");
    }
    if (tied === 'all' && source !== target) {
      throw new ConfigError(
        this.where,
        `embeddings cannot be shared: the source has ${source} tokens, the target ${target}`,
        'use one vocabulary for both',
      );
    }
    this.dim = dim;
    this.positions = positions;
    this.maxLength = maxLength;
    // Scaled by the root of dim where they are read, embeddings have the size of the positions.
    const weightInit = initializers.normal({ std: 1 / Math.sqrt(dim) });
    this.target = new Embedding({ num: target, dim, weightInit, key: key.child('target') });
    this.source =
      tied === 'all' ? this.target : new Embedding({ num: source, dim, weightInit, key: key.child('source') });
    const layer = (part: string, i: number): TransformerLayerConfig => ({
      ...config,
      dropout,
      rotary: positions === 'rotary',
      ...(positions === 'relative' && { relative: 16 }),
      key: key.child(part).fold(i),
    });
    const each = Array.from({ length: layers }, (_, i) => i);
    this.encoder = new Stack(
      each.map((i) => new TransformerEncoderLayer(layer('encoder', i))),
      dim,
    );
    this.decoder = new Stack(
      each.map((i) => new TransformerDecoderLayer(layer('decoder', i))),
      dim,
    );
    this.out = tied === false ? new Linear({ in: dim, out: target, key: key.child('out') }) : undefined;
    this.bias = tied === false ? undefined : new Param(zeros([target]));
    this.sourceDropout = new Dropout({ rate: dropout });
    this.targetDropout = new Dropout({ rate: dropout });
  }

  get sourceSize(): number {
    return this.source.num;
  }

  get targetSize(): number {
    return this.target.num;
  }

  /** What the encoder says of each token, `[batch, sourceTime, dim]`, and how many tokens are real. */
  encode(batch: SourceBatch, ctx: Context = EVAL): { memory: Tensor; lengths: number[] } {
    const lengths = this.checkSource(batch);
    let x = this.sourceDropout.forward(this.#embed(this.source, batch.source, 0), ctx);
    for (const layer of this.encoder.layers) x = layer.forward(x, { ...ctx, lengths });
    return { memory: this.encoder.forward(x), lengths };
  }

  forward(input: Seq2SeqInput, ctx: Context = EVAL): Seq2SeqOutput {
    this.checkTarget(input);
    const { teacherForcing = 1, target } = input;
    checks.checkNumber(this, 'teacherForcing', teacherForcing, { min: 0, max: 1 });
    const { memory, lengths } = this.encode(input, ctx);
    const read = (tokens: Tensor) => {
      let x = this.targetDropout.forward(this.#embed(this.target, tokens, 0), ctx);
      for (const layer of this.decoder.layers) x = layer.forward({ x, memory, memoryLengths: lengths }, ctx);
      return this.#scores(this.decoder.forward(x));
    };
    const logits = read(target);
    return { logits: teacherForcing < 1 ? read(this.#mixed(target, logits, teacherForcing, ctx)) : logits };
  }

  start(batch: SourceBatch, ctx: Context = EVAL): TransformerState {
    const { memory, lengths } = this.encode(batch, ctx);
    return {
      position: 0,
      layers: this.decoder.layers.map((layer) => layer.start(memory)),
      lengths: tensor(lengths, [lengths.length], 'int32'),
    };
  }

  step(tokens: Tensor, state: TransformerState): StepOutput<TransformerState> {
    let x = this.#embed(this.target, expandDims(tokens, 1), state.position);
    const layers: TransformerLayerState[] = [];
    let weights: Tensor | undefined;
    for (const [i, layer] of this.decoder.layers.entries()) {
      const done = layer.step(x, state.layers[i]!, state.position, state.lengths);
      x = done.output;
      weights = done.weights;
      layers.push(done.state);
    }
    const logits = this.#scores(this.decoder.forward(x));
    const rows = tokens.shape[0];
    return {
      logits: reshape(logits, [rows, this.targetSize]),
      // Of the last layer, the mean of its heads.
      weights: weights && reshape(mean(weights, 1), [rows, weights.shape[3]!]),
      state: { position: state.position + 1, layers, lengths: state.lengths },
    };
  }

  select({ position, layers, lengths }: TransformerState, rows: Tensor, sameSources: boolean): TransformerState {
    const pick = ({ key, value }: { key: Tensor; value: Tensor }) => ({
      key: gather(key, rows),
      value: gather(value, rows),
    });
    return {
      position,
      layers: layers.map(({ self, cross }) => ({
        ...(self && { self: pick(self) }),
        cross: sameSources ? cross : pick(cross),
      })),
      lengths: sameSources ? lengths : gather(lengths, rows),
    };
  }

  #embed(embedding: Embedding, tokens: Tensor, from: number): Tensor {
    const embedded = mul<Tensor>(embedding.forward(tokens), Math.sqrt(this.dim));
    if (this.positions !== 'sinusoidal') return embedded;
    const time = tokens.shape[1]!;
    return add(embedded, tensor(sinusoidalPositions(time, this.dim, from), [1, time, this.dim]));
  }

  #scores(x: Tensor): Tensor {
    return this.out ? this.out.forward(x) : linear(x, this.target.weight.value, this.bias!.value);
  }

  /** The target with some tokens exchanged for those that the model would have written there. */
  #mixed(target: Tensor, logits: Tensor, teacherForcing: number, ctx: Context): Tensor {
    const [rows, time] = target.shape as [number, number];
    const [known, own] = [target.dataSync(), argMax(logits, 2).dataSync()];
    const given = this.keyOf(ctx)
      .child('sampling')
      .uniform(rows * time);
    const mixed = Int32Array.from(known, (token, at) =>
      at % time === 0 || given[at]! < teacherForcing ? token : own[at - 1]!,
    );
    return tensor(mixed, [rows, time], 'int32');
  }
}
