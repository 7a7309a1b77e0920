import { ConfigError, type Context, EVAL, Module, type Shape } from '@dl/core';
import { checks, Linear } from '@dl/core/nn';
import { div, dropout, maximum, sum, Tensor, tensor } from '@dl/core/ops';
import type { Recurrent, RecurrentOutput } from '../recurrent';
import { type RecurrentChoice, recurrentOf } from './recurrent-of';
import { TokenInput } from './token-input';

/** Options of `SequenceClassifier`: either `in`, or `vocabulary`. */
export interface SequenceClassifierConfig extends RecurrentChoice {
  /** Features of each step. */
  in?: number;
  /** How many tokens there are, where sequences are tokens. */
  vocabulary?: number;
  /** Features of the learnt rows that stand for the tokens. @default none: a 1 in the place of the token */
  embedding?: number;
  /** How many classes there are. */
  classes: number;
  /** Whether sequences are read from both ends. @default false */
  bidirectional?: boolean;
  /** What the classes are told from: the last output, or the mean of all. @default 'last' */
  pool?: 'last' | 'mean';
}

/**
 * Tells what class a sequence is of: `[batch, time, in]`, or tokens int32 `[batch, time]`, to logits `[batch, classes]`.
 * Train it with `crossEntropy`. Lengths or a mask in the context leave padding out.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { SequenceClassifier } from '@dl/rnn';
 *
 * await init();
 * const model = new SequenceClassifier({ vocabulary: 10, embedding: 8, hidden: 16, classes: 3, key: key(0) });
 * const x = tensor([[1, 2, 3], [4, 5, 0]], [2, 3], 'int32');
 * model.forward(x, { train: false, lengths: [3, 2] }).shape; // [2, 3]
 * ```
 */
export class SequenceClassifier extends Module {
  readonly encoder: TokenInput | undefined;
  readonly rnn: Recurrent<RecurrentOutput>;
  readonly decoder: Linear;
  readonly dropout: number;
  readonly pool: 'last' | 'mean';

  /** @throws ConfigError for sizes that are no positive integers, and unless one of `in` and `vocabulary` is given */
  constructor(options: SequenceClassifierConfig) {
    super();
    const { in: features, vocabulary, embedding, classes, pool = 'last', type = 'lstm', key, ...config } = options;
    if ((features === undefined) === (vocabulary === undefined)) {
      throw new ConfigError(this.where, 'give one of in and vocabulary', 'in: numbers a step; vocabulary: tokens');
    }
    if (pool !== 'last' && pool !== 'mean') {
      throw new ConfigError(this.where, `pool must be 'last' or 'mean', it is '${String(pool)}'`);
    }
    checks.checkSize(this, 'classes', classes);
    if (vocabulary !== undefined) checks.checkSize(this, 'vocabulary', vocabulary);
    this.encoder = vocabulary === undefined ? undefined : new TokenInput(vocabulary, embedding, key.child('encoder'));
    const inputs = this.encoder?.size ?? features!;
    this.rnn = recurrentOf(this.where, type, { ...config, in: inputs, key: key.child('rnn') });
    const out = this.rnn.size * this.rnn.directions;
    this.decoder = new Linear({ in: out, out: classes, key: key.child('decoder') });
    this.dropout = config.dropout ?? 0;
    this.pool = pool;
  }

  /** @throws ShapeError for another number of features; ConfigError for a token that is none */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    if (this.encoder) checks.checkRank(this, x.shape, 'batch', 2, 2);
    else {
      checks.checkRank(this, x.shape, 'batch', 3, 3);
      checks.checkLastAxis(this, x.shape, 'batch', { size: this.rnn.in, axis: 'features', option: 'in' });
    }
    const { output, last } = this.rnn.forward(this.encoder ? this.encoder.forward(x) : x, ctx);
    const pooled = this.pool === 'last' ? last : div(sum(output, 1), stepsOf(output, ctx));
    const kept =
      ctx.train && this.dropout > 0
        ? dropout(pooled, { rate: this.dropout, key: this.keyOf(ctx).child('pooled') })
        : pooled;
    return this.decoder.forward(kept);
  }

  /** `[time, in]` or `[time]` to `[classes]` */
  outputShape(input: Shape): Shape {
    this.rnn.outputShape(this.encoder ? this.encoder.outputShape(input) : input);
    return [this.decoder.out];
  }
}

/** [batch, 1], or a number: the real steps of each sequence; 1 where there are none. */
function stepsOf(output: Tensor, { lengths, mask }: Context): Tensor | number {
  const [batch, time] = output.shape as [number, number];
  if (lengths !== undefined) {
    const steps = lengths instanceof Tensor ? lengths.dataSync() : lengths;
    return maximum(tensor(Float32Array.from(steps), [batch, 1]), 1);
  }
  return mask === undefined ? Math.max(1, time) : maximum(sum(mask, 1, true), 1);
}
