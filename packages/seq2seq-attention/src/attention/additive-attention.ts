import { type Key, Param } from '@dl/core';
import { checks, initializers, Linear } from '@dl/core/nn';
import { add, expandDims, mul, type Tensor } from '@dl/core/ops';
import { additiveScores } from '../ops/additive-scores';
import { Attention } from './attention';

/** Options of `AdditiveAttention`. */
export interface AdditiveAttentionConfig {
  /** Features of the queries. */
  queryDim: number;
  /** Features of the keys. */
  keyDim: number;
  /** Width in which both are compared. */
  hidden: number;
  /** Whether the projection of the queries has a bias. @default true */
  bias?: boolean;
  /** Whether the attention that a key has had so far counts in its score; See et al. 2017. @default false */
  coverage?: boolean;
  /** The chance that a weight is dropped, in training. @default 0 */
  dropout?: number;
  /** Draws the weights. */
  key: Key;
}

/**
 * Additive attention: a small network of one hidden layer compares a query with each key. Bahdanau et al. 2015.
 *
 * ```
 * score[i, j] = v . tanh(Wq query[i] + b + Wk key[j] + wc coverage[j])
 * weights = softmax(score)     output = weights values
 * ```
 *
 * `{ query, key, value }` of `[batch, queries, queryDim]`, `[batch, keys, keyDim]` and `[batch, keys, valueDim]` to
 * `{ output: [batch, queries, valueDim], weights: [batch, queries, keys] }`. Weights: `query.weight` `[hidden, queryDim]`,
 * `query.bias` `[hidden]`, `key.weight` `[hidden, keyDim]`, `v` `[hidden]`, `coverage` `[hidden]`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { AdditiveAttention } from '@dl/seq2seq-attention';
 *
 * await init();
 * const attention = new AdditiveAttention({ queryDim: 4, keyDim: 6, hidden: 8, key: key(0) });
 * const { output, weights } = attention.predict({ query: ones([2, 1, 4]), key: ones([2, 5, 6]), keyLengths: [5, 2] });
 * output.shape; // [2, 1, 6]
 * weights.dataSync(); // [0.2, 0.2, 0.2, 0.2, 0.2, 0.5, 0.5, 0, 0, 0]
 * ```
 */
export class AdditiveAttention extends Attention {
  readonly hidden: number;
  readonly query: Linear;
  readonly key: Linear;
  readonly v: Param;
  readonly coverage: Param | undefined;

  /** @throws ConfigError for sizes that are no positive integers */
  constructor(config: AdditiveAttentionConfig) {
    super(config.queryDim, config.keyDim, config.dropout);
    const { queryDim, keyDim, hidden, bias = true, coverage = false, key } = config;
    checks.checkSize(this, 'hidden', hidden);
    this.hidden = hidden;
    this.query = new Linear({ in: queryDim, out: hidden, bias, key: key.child('query') });
    this.key = new Linear({ in: keyDim, out: hidden, bias: false, key: key.child('key') });
    const small = initializers.torchDefault({ fans: { in: hidden, out: 1 } });
    this.v = new Param(small([hidden], key.child('v')));
    this.coverage = coverage ? new Param(small([hidden], key.child('coverage'))) : undefined;
  }

  override get usesCoverage(): boolean {
    return this.coverage !== undefined;
  }

  protected prepare(keys: Tensor): Tensor {
    return this.key.forward(keys);
  }

  protected scores(query: Tensor, keys: Tensor, coverage: Tensor | undefined): Tensor {
    const compared =
      this.coverage === undefined || coverage === undefined
        ? keys
        : add(keys, mul(expandDims(coverage, 2), this.coverage.value));
    return additiveScores({ query: this.query.forward(query), key: compared, v: this.v.value });
  }
}
