import { ConfigError, type Context, EVAL, type Key } from '@dl/core';
import type { Tensor } from '@dl/core/ops';
import type { RecurrentState } from '@dl/rnn';
import { Bridge } from './bridge';
import { Decoder, type DecoderConfig, type DecoderState } from './decoder';
import { Encoder, type EncoderConfig, type EncoderOutput } from './encoder';
import {
  type Seq2SeqInput,
  Seq2SeqModel,
  type Seq2SeqOutput,
  type SourceBatch,
  type StepOutput,
} from './seq2seq-model';

/** The parts of an `EncoderDecoder`. */
export interface EncoderDecoderParts {
  encoder: Encoder;
  decoder: Decoder;
  /** Makes the decoder's first state of the encoder's last; needed where their sizes differ. @default none: handed on as it is */
  bridge?: Bridge | undefined;
  /** The longest source it takes. @default any */
  maxLength?: number | undefined;
}

/** Options of `seq2seq`. */
export interface Seq2SeqConfig
  extends Pick<EncoderConfig, 'layers' | 'bidirectional' | 'cell' | 'dropout'>,
    Pick<DecoderConfig, 'attention' | 'attend' | 'inputFeeding' | 'combine' | 'copy' | 'coverage' | 'unk'> {
  /** Tokens of the source vocabulary. */
  source: number;
  /** Tokens of the target vocabulary. */
  target: number;
  /** Features of a token. @default hidden */
  dim?: number;
  /** Size of the hidden state. */
  hidden: number;
  /** Whether the scores are products with the target's embeddings; `all`: which are those of the source too. @default false */
  tied?: boolean | 'all';
  /** The longest source it takes. @default any */
  maxLength?: number | undefined;
  /** Draws the weights. */
  key: Key;
}

/**
 * A recurrent encoder-decoder: one network reads the source, another writes the target. Sutskever et al. 2014; with attention in
 * the decoder, Bahdanau et al. 2015 and Luong et al. 2015. `seq2seq` makes one of a flat list of options.
 *
 * `{ source, sourceLengths, target }` to `{ logits: [batch, targetTime, vocabulary], weights }`.
 */
export class EncoderDecoder extends Seq2SeqModel<DecoderState> {
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly bridge: Bridge | undefined;
  readonly maxLength: number | undefined;

  /** @throws ConfigError where encoder, bridge and decoder do not fit each other */
  constructor({ encoder, decoder, bridge, maxLength }: EncoderDecoderParts) {
    super();
    if (encoder.size !== decoder.memoryDim) {
      throw new ConfigError(
        this.where,
        `the encoder gives ${encoder.size} features, the decoder looks for ${decoder.memoryDim}`,
        `set memoryDim: ${encoder.size} in the decoder`,
      );
    }
    if (encoder.layers !== decoder.layers) {
      throw new ConfigError(
        this.where,
        `the encoder has ${encoder.layers} layers, the decoder ${decoder.layers}: their states do not fit`,
        'give both as many',
      );
    }
    const handed = bridge ? bridge.h.out : encoder.size;
    if (handed !== decoder.hidden || (bridge && bridge.h.in !== encoder.size)) {
      throw new ConfigError(
        this.where,
        `the encoder ends in a state of ${encoder.size}, the decoder begins in one of ${decoder.hidden}`,
        `put new Bridge({ in: ${encoder.hidden}, out: ${decoder.hidden}, bidirectional: ${encoder.bidirectional}, ... }) between them`,
      );
    }
    if (encoder.bidirectional && !bridge) {
      throw new ConfigError(this.where, 'an encoder of two directions needs a bridge to the decoder');
    }
    this.encoder = encoder;
    this.decoder = decoder;
    this.bridge = bridge;
    this.maxLength = maxLength;
  }

  get sourceSize(): number {
    return this.encoder.embedding.num;
  }

  get targetSize(): number {
    return this.decoder.num;
  }

  /** Reads the sources: what the encoder says of each token, and the state that the decoder begins in. */
  encode(batch: SourceBatch, ctx: Context = EVAL): { memory: Tensor; lengths: number[]; state: RecurrentState } {
    const lengths = this.checkSource(batch);
    const encoded: EncoderOutput = this.encoder.forward(batch.source, { ...ctx, lengths });
    const state = this.bridge ? this.bridge.forward(encoded.state) : encoded.state;
    return { memory: encoded.output, lengths, state };
  }

  forward(input: Seq2SeqInput, ctx: Context = EVAL): Seq2SeqOutput {
    this.checkTarget(input);
    const { memory, lengths, state } = this.encode(input, ctx);
    return this.decoder.forward(
      {
        target: input.target,
        memory,
        memoryLengths: lengths,
        state,
        copy: this.#copyOf(input),
        teacherForcing: input.teacherForcing,
      },
      ctx,
    );
  }

  start(batch: SourceBatch, ctx: Context = EVAL): DecoderState {
    const { memory, lengths, state } = this.encode(batch, ctx);
    return this.decoder.start({ memory, memoryLengths: lengths, state, copy: this.#copyOf(batch) });
  }

  step(tokens: Tensor, state: DecoderState): StepOutput<DecoderState> {
    return this.decoder.step(tokens, state);
  }

  select(state: DecoderState, rows: Tensor, sameSources: boolean): DecoderState {
    return this.decoder.select(state, rows, sameSources);
  }

  #copyOf({ copyIds, copySize = this.decoder.num }: SourceBatch) {
    return copyIds && this.decoder.pointer ? { ids: copyIds, size: copySize } : undefined;
  }
}

/**
 * A recurrent encoder-decoder of a flat list of options, bridge included.
 *
 * @throws ConfigError for sizes that are no positive integers, and for options that exclude each other
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { seq2seq } from '@dl/seq2seq-attention';
 *
 * await init();
 * const model = seq2seq({ source: 30, target: 40, hidden: 16, bidirectional: true, attention: 'additive', key: key(0) });
 * const source = tensor([[5, 6, 7], [8, 9, 0]], [2, 3], 'int32');
 * const target = tensor([[2, 10], [2, 11]], [2, 2], 'int32');
 * const { logits, weights } = model.predict({ source, sourceLengths: [3, 2], target });
 * logits.shape; // [2, 2, 40]
 * weights!.shape; // [2, 2, 3]
 * ```
 */
export function seq2seq(config: Seq2SeqConfig): EncoderDecoder {
  const {
    source,
    target,
    hidden,
    dim = hidden,
    layers,
    cell,
    dropout,
    bidirectional = false,
    tied = false,
    key,
  } = config;
  const shared = { dim, hidden, ...(layers && { layers }), ...(cell && { cell }), ...(dropout && { dropout }) };
  if (tied === 'all' && source !== target) {
    throw new ConfigError(
      'seq2seq',
      `embeddings cannot be shared: the source has ${source} tokens, the target ${target}`,
      'use one vocabulary for both',
    );
  }
  const { attention, attend, inputFeeding, combine, copy, coverage, unk } = config;
  const decoder = new Decoder({
    num: target,
    ...shared,
    memoryDim: bidirectional ? 2 * hidden : hidden,
    attention,
    inputFeeding,
    ...(attend && { attend }),
    ...(combine !== undefined && { combine }),
    ...(copy && { copy }),
    ...(coverage && { coverage }),
    ...(unk !== undefined && { unk }),
    tied: tied !== false,
    key: key.child('decoder'),
  });
  const encoder = new Encoder({
    num: source,
    ...shared,
    bidirectional,
    ...(tied === 'all' && { embedding: decoder.embedding }),
    key: key.child('encoder'),
  });
  const bridge = bidirectional
    ? new Bridge({ in: hidden, out: hidden, bidirectional, cells: encoder.cell === 'lstm', key: key.child('bridge') })
    : undefined;
  return new EncoderDecoder({ encoder, decoder, bridge, maxLength: config.maxLength });
}
