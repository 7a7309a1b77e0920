import { ConfigError, type Context, DtypeError, Module, type Shape, ShapeError } from '@dl/core';
import type { Tensor } from '@dl/core/ops';
import { readKeyMask } from '../attention/key-mask';

/** Sequences to be translated. */
export interface SourceBatch {
  /** Token numbers, `[batch, sourceTime]` int32, padded at the end. */
  source: Tensor;
  /** The number of real tokens of each sequence. @default all */
  sourceLengths?: readonly number[] | Tensor | undefined;
  /**
   * For models that copy: the number in the target vocabulary of each source token, `[batch, sourceTime]` int32; tokens that it
   * lacks have numbers behind it, from its size on.
   */
  copyIds?: Tensor | undefined;
  /** How many numbers `copyIds` speaks of: the target vocabulary and what lies behind. @default the target vocabulary */
  copySize?: number | undefined;
}

/** Sequences, and what the decoder is given: teacher forcing. */
export interface Seq2SeqInput extends SourceBatch {
  /** Token numbers, `[batch, targetTime]` int32: `<s>` and the target without its end. */
  target: Tensor;
  /**
   * How likely the decoder is given the true token before, else its own best one: scheduled sampling (Bengio et al. 2015).
   * @default 1: teacher forcing
   */
  teacherForcing?: number | undefined;
}

/** What a model says of the target. */
export type Seq2SeqOutput = {
  /** Scores of the next token, `[batch, targetTime, vocabulary]`; of a model that copies, logarithms of their probabilities. */
  logits: Tensor;
  /** What each step looked at, `[batch, targetTime, sourceTime]`, where there is attention. */
  weights?: Tensor;
  /** Attention spent on what had had it already, a mean over the steps; where there is coverage. */
  coverageLoss?: Tensor;
};

/** What one step of decoding gives. */
export interface StepOutput<State> {
  /** Scores of the next token, `[rows, vocabulary]`. */
  logits: Tensor;
  /** `[rows, sourceTime]`, where there is attention. */
  weights?: Tensor | undefined;
  state: State;
}

/**
 * What all encoder-decoders have in common, for training and for search: the whole target at once, or step by step with the
 * state cached.
 *
 * @typeParam State what decoding carries from step to step: plain objects, arrays and tensors
 */
export abstract class Seq2SeqModel<State extends object = object> extends Module<Seq2SeqInput, Seq2SeqOutput> {
  /** Tokens of the source vocabulary. */
  abstract readonly sourceSize: number;
  /** Tokens of the target vocabulary. */
  abstract readonly targetSize: number;
  /** The longest source it takes; undefined: any. */
  abstract readonly maxLength: number | undefined;

  /** Teacher forcing: the scores of every step of a target that is known. */
  abstract override forward(input: Seq2SeqInput, ctx?: Context): Seq2SeqOutput;

  /** Reads the sources and gives the state that decoding begins in, a row for each. */
  abstract start(batch: SourceBatch, ctx?: Context): State;

  /** The next step after these tokens, `[rows]` int32. */
  abstract step(tokens: Tensor, state: State): StepOutput<State>;

  /**
   * The state with other rows: row i becomes what row `rows[i]` was.
   *
   * @param sameSources whether every row stays with its source, so that what was read of the source needs no moving
   */
  abstract select(state: State, rows: Tensor, sameSources: boolean): State;

  /** Of `[targetTime]`: `[targetTime, vocabulary]`. */
  outputShape(input: Shape): Shape {
    return [...input, this.targetSize];
  }

  /**
   * Checks a batch of sources before anything runs.
   *
   * @returns the number of real tokens of each
   */
  protected checkSource({ source, sourceLengths, copyIds }: SourceBatch): number[] {
    if (source.rank !== 2) {
      throw new ShapeError(this.where, 'the source must have a row of token numbers for each sequence', [
        { label: 'source', shape: source.shape },
        { label: 'wanted', shape: [source.shape[0] ?? 1, source.shape[1] ?? 1], axes: ['batch', 'sourceTime'] },
      ]);
    }
    const [batch, time] = source.shape as [number, number];
    const { limits } = readKeyMask(this.where, batch, time, {
      ...(sourceLengths !== undefined && { lengths: sourceLengths }),
    });
    const longest = limits.reduce((most, length) => Math.max(most, length), 0);
    if (this.maxLength !== undefined && longest > this.maxLength) {
      throw new ConfigError(
        this.where,
        `source ${limits.indexOf(longest)} has ${longest} tokens, the model was made for ${this.maxLength} at most`,
        'raise maxLength, or cut the source',
      );
    }
    this.#checkTokens('source', source, this.sourceSize, limits);
    if (copyIds !== undefined && (copyIds.rank !== 2 || copyIds.shape[0] !== batch || copyIds.shape[1] !== time)) {
      throw new ShapeError(this.where, 'copyIds must have a number for each source token', [
        { label: 'copyIds', shape: copyIds.shape },
        { label: 'source', shape: source.shape },
      ]);
    }
    return [...limits];
  }

  /** Checks a target beside its sources. */
  protected checkTarget({ source, target, copyIds, copySize }: Seq2SeqInput): void {
    if (target.rank === 2 && target.shape[0] === source.shape[0]) {
      this.#checkTokens('target', target, copyIds === undefined ? this.targetSize : (copySize ?? this.targetSize));
      return;
    }
    throw new ShapeError(this.where, 'there must be a row of target tokens for each source', [
      { label: 'target', shape: target.shape, axes: ['batch', 'targetTime'] },
      { label: 'source', shape: source.shape, axes: ['batch', 'sourceTime'] },
    ]);
  }

  /** Every real token must be in the vocabulary. */
  #checkTokens(label: string, tokens: Tensor, size: number, limits?: ArrayLike<number>): void {
    if (tokens.dtype !== 'int32') {
      throw new DtypeError(`${this.where}: the ${label} holds ${tokens.dtype}, token numbers are int32`);
    }
    const time = tokens.shape[1]!;
    for (const [at, token] of tokens.dataSync().entries()) {
      const [row, place] = [Math.floor(at / time), at % time];
      if ((token >= 0 && token < size) || place >= (limits?.[row] ?? time)) continue;
      throw new ConfigError(
        this.where,
        `${label} ${row}: token ${place} is ${token}, the vocabulary has the numbers 0 to ${size - 1}`,
        'encode texts with the vocabulary that the model was made for',
      );
    }
  }
}
