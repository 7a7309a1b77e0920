import { ConfigError, type Context, EVAL, type Key, Module, type Shape, ShapeError } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { checks, Linear } from '@dl/core/nn';
import { dropout, reshape, type Tensor, tensor, tidy } from '@dl/core/ops';
import type { Recurrent, RecurrentOutput, RecurrentState } from '../recurrent';
import type { Unrolled } from '../training/truncated-backprop';
import { type RecurrentChoice, recurrentOf } from './recurrent-of';
import { checkSampling, type SamplingOptions, sampleToken } from './sampling';
import { TokenInput } from './token-input';

/** Options of `RNNLanguageModel`. */
export interface RNNLanguageModelConfig extends RecurrentChoice {
  /** How many tokens there are: `Characters.of(text).size`. */
  vocabulary: number;
  /** Features of the learnt rows that stand for the tokens. @default none: a 1 in the place of the token */
  embedding?: number;
}

/** What a text is continued with. */
export interface SampleOptions extends SamplingOptions {
  /** Tokens to begin with, at least one; they are not in the result. */
  prompt: ArrayLike<number>;
  /** How many tokens to draw. */
  length: number;
  /** Draws them. */
  key: Key;
}

/**
 * Predicts the next token of a sequence at every step: tokens, as features, through recurrent layers to scores over the
 * vocabulary. Graves 2013; the names of the parameters are those of PyTorch's `word_language_model`: `encoder.weight`,
 * `rnn.weight_ih_l0`, `decoder.weight`, `decoder.bias`.
 *
 * int32 `[batch, time]` to logits `[batch, time, vocabulary]`. Train it with `crossEntropy` against the same tokens one
 * step later, and with `truncatedBackprop` on long texts.
 *
 * @example
 * ```ts
 * import { fit, init, key } from '@dl/core';
 * import { crossEntropy } from '@dl/core/losses';
 * import { adam } from '@dl/core/optim';
 * import { Characters, RNNLanguageModel, streams, truncatedBackprop } from '@dl/rnn';
 *
 * await init();
 * const text = 'the quick brown fox jumps over the lazy dog. '.repeat(40);
 * const characters = Characters.of(text);
 * const model = new RNNLanguageModel({ vocabulary: characters.size, hidden: 48, key: key(0) });
 * const data = streams(characters.encode(text), { batch: 8, steps: 20 });
 * await fit(model, { data, loss: truncatedBackprop(crossEntropy), optimizer: adam({ lr: 0.01 }), epochs: 12 }).finish();
 * const prompt = characters.encode('the quick ');
 * characters.decode(model.sample({ prompt, length: 9, temperature: 0, key: key(1) })); // 'brown fox'
 * ```
 */
export class RNNLanguageModel extends Module {
  readonly encoder: TokenInput;
  readonly rnn: Recurrent<RecurrentOutput>;
  readonly decoder: Linear;
  readonly dropout: number;

  /** @throws ConfigError for sizes that are no positive integers */
  constructor({ vocabulary, embedding, type = 'lstm', key, ...config }: RNNLanguageModelConfig) {
    super();
    checks.checkSize(this, 'vocabulary', vocabulary);
    if (embedding !== undefined) checks.checkSize(this, 'embedding', embedding);
    this.dropout = config.dropout ?? 0;
    this.encoder = new TokenInput(vocabulary, embedding, key.child('encoder'));
    this.rnn = recurrentOf(this.where, type, { ...config, in: this.encoder.size, key: key.child('rnn') });
    this.decoder = new Linear({ in: this.rnn.size, out: vocabulary, key: key.child('decoder') });
  }

  /** How many tokens there are. */
  get vocabulary(): number {
    return this.encoder.vocabulary;
  }

  /**
   * Scores of the token after each one.
   *
   * @param x tokens, int32 `[batch, time]`
   * @throws DtypeError unless they are int32; ConfigError for a token that is none
   */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    return this.unroll(x, ctx).output;
  }

  /** As `forward`, from a state on and with the state after the last step. */
  unroll(x: Tensor, ctx: Context = EVAL, state?: RecurrentState): Unrolled {
    checks.checkRank(this, x.shape, 'batch', 2, 2);
    const drop = (values: Tensor, name: string) =>
      ctx.train && this.dropout > 0
        ? dropout(values, { rate: this.dropout, key: this.keyOf(ctx).child(name) })
        : values;
    const { output, state: next } = this.rnn.unroll(drop(this.encoder.forward(x), 'encoder'), ctx, state);
    return { output: this.decoder.forward(drop(output, 'rnn')), state: next };
  }

  /** `[time]` to `[time, vocabulary]` */
  outputShape(input: Shape): Shape {
    return [...input, this.vocabulary];
  }

  /**
   * e to the mean loss a token: between how many equally likely ones the model wavers. The text is read once, from its
   * beginning, whatever `steps` is.
   *
   * @param tokens at least two
   * @param options steps read at once
   * @default options.steps 256
   */
  perplexity(tokens: ArrayLike<number>, { steps = 256 }: { steps?: number } = {}): number {
    if (tokens.length < 2) throw new ShapeError(this.where, 'a perplexity needs at least two tokens');
    const all = Int32Array.from(tokens);
    let sum = 0;
    let state: RecurrentState | undefined;
    for (let start = 0; start + 1 < all.length; start += steps) {
      const count = Math.min(steps, all.length - 1 - start);
      const before = state;
      state = tidy(() => {
        const x = tensor(all.subarray(start, start + count), [1, count], 'int32');
        const y = tensor(all.subarray(start + 1, start + 1 + count), [1, count], 'int32');
        const { output, state: after } = this.unroll(x, EVAL, before);
        sum += crossEntropy(output, y, { reduction: 'sum' }).dataSync()[0]!;
        return after;
      });
      disposeState(before);
    }
    disposeState(state);
    return Math.exp(sum / (all.length - 1));
  }

  /**
   * Continues a text, token by token.
   *
   * @returns the tokens drawn
   * @throws ConfigError for an empty prompt, a token that is none, or options out of their range
   */
  sample({ prompt, length, key, ...options }: SampleOptions): Int32Array {
    if (prompt.length === 0) throw new ConfigError(this.where, 'the prompt is empty', 'give at least one token');
    checkSampling(options);
    const drawn = new Int32Array(length);
    const read = (tokens: Int32Array, before: RecurrentState | undefined) => {
      const after = tidy(() => {
        const x = this.encoder.forward(tensor(tokens, [1, tokens.length], 'int32'));
        if (tokens.length > 1) {
          const { last, ...rest } = this.rnn.forward(x, EVAL, before);
          return { output: last, state: stateOf(rest) };
        }
        return this.rnn.step(reshape(x, [1, this.encoder.size]), before);
      });
      disposeState(before);
      return after;
    };
    let { output, state } = read(Int32Array.from(prompt), undefined);
    for (let i = 0; i < length; i++) {
      const logits = tidy(() => this.decoder.forward(output).dataSync());
      output.dispose();
      drawn[i] = sampleToken(logits, key.fold(i), options);
      ({ output, state } = read(drawn.slice(i, i + 1), state));
    }
    output.dispose();
    disposeState(state);
    return drawn;
  }
}

function stateOf({ h, c }: { h: Tensor; c?: Tensor }): RecurrentState {
  return { h, ...(c && { c }) };
}

function disposeState(state: RecurrentState | undefined): void {
  state?.h.dispose();
  state?.c?.dispose();
}
