import { ConfigError, type Key, Param } from '@dl/core';
import { checks, initializers, Linear } from '@dl/core/nn';
import {
  exp,
  linear,
  matMul,
  mul,
  neg,
  reshape,
  sigmoid,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@dl/core/ops';
import { additiveScores } from '../ops/additive-scores';
import { Attention, type WindowInput } from './attention';

/** How query and key are compared: `q . k`, the same over the root of their width, `q W k`, or `v . tanh(W [q; k])`. */
export type LuongScore = 'dot' | 'scaled_dot' | 'general' | 'concat';

/** Attention to a part of the keys only. */
export interface LocalWindow {
  /**
   * Where the window lies. `monotonic`: around the place of the query (local-m); `predictive`: around a place that the
   * query predicts, with a bell curve over it (local-p).
   */
  align: 'monotonic' | 'predictive';
  /** How many keys it reaches to either side. */
  reach: number;
}

/** Options of `LuongAttention`. */
export interface LuongAttentionConfig {
  /** Features of the queries. */
  queryDim: number;
  /** Features of the keys. @default queryDim */
  keyDim?: number;
  /** How query and key are compared. @default 'general' */
  score?: LuongScore;
  /** Width of the hidden layer of `concat`. @default queryDim */
  hidden?: number;
  /** A window of keys; without it all keys are looked at. @default none: global attention */
  local?: LocalWindow;
  /** The chance that a weight is dropped, in training. @default 0 */
  dropout?: number;
  /** Draws the weights. */
  key: Key;
}

/**
 * Multiplicative attention, Luong et al. 2015: global over all keys, or local in a window of them.
 *
 * ```
 * dot          score[i, j] = query[i] . key[j]
 * scaled_dot   score[i, j] = query[i] . key[j] / sqrt(keyDim)
 * general      score[i, j] = query[i] W key[j]
 * concat       score[i, j] = v . tanh(W [query[i]; key[j]])
 *
 * local, predictive:  p = length * sigmoid(vp . tanh(Wp query))     weights *= exp(-(j - p)^2 / (2 (reach / 2)^2))
 * ```
 *
 * `{ query, key, value }` as in `AdditiveAttention`. Weights: `weight` `[queryDim, keyDim]` of general, `[hidden, queryDim +
 * keyDim]` of concat, `v` `[hidden]`; `position.weight` `[queryDim, queryDim]` and `positionV` `[queryDim]` of the predictive
 * window.
 */
export class LuongAttention extends Attention {
  readonly score: LuongScore;
  readonly local: LocalWindow | undefined;
  readonly weight: Param | undefined;
  readonly v: Param | undefined;
  readonly position: Linear | undefined;
  readonly positionV: Param | undefined;

  /** @throws ConfigError for sizes that are no positive integers, and for a dot product of different widths */
  constructor(config: LuongAttentionConfig) {
    const { queryDim, keyDim = queryDim, score = 'general', hidden = queryDim, local, key } = config;
    super(queryDim, keyDim, config.dropout);
    if (!['dot', 'scaled_dot', 'general', 'concat'].includes(score)) {
      throw new ConfigError(this.where, `there is no score '${String(score)}'`, 'dot, scaled_dot, general or concat');
    }
    if (score.endsWith('dot') && keyDim !== queryDim) {
      throw new ConfigError(
        this.where,
        `the score '${score}' needs queries and keys of one width, they have ${queryDim} and ${keyDim}`,
        "score: 'general' learns a matrix between them",
      );
    }
    this.score = score;
    this.local = local;
    if (score === 'general') {
      this.weight = new Param(initializers.glorotUniform()([queryDim, keyDim], key.child('weight')));
    }
    if (score === 'concat') {
      checks.checkSize(this, 'hidden', hidden);
      this.weight = new Param(initializers.torchDefault()([hidden, queryDim + keyDim], key.child('weight')));
      this.v = new Param(initializers.torchDefault({ fans: { in: hidden, out: 1 } })([hidden], key.child('v')));
    }
    if (local !== undefined) {
      if (local.align !== 'monotonic' && local.align !== 'predictive') {
        throw new ConfigError(this.where, `local.align is '${String(local.align)}'`, "'monotonic' or 'predictive'");
      }
      checks.checkSize(this, 'local.reach', local.reach);
      if (local.align === 'predictive') {
        this.position = new Linear({ in: queryDim, out: queryDim, bias: false, key: key.child('position') });
        const small = initializers.torchDefault({ fans: { in: queryDim, out: 1 } });
        this.positionV = new Param(small([queryDim], key.child('positionV')));
      }
    }
  }

  protected prepare(keys: Tensor): Tensor {
    if (this.score === 'general') return linear(keys, this.weight!.value);
    if (this.score === 'concat') return linear(keys, this.#half(this.queryDim, this.keyDim));
    return keys;
  }

  protected scores(query: Tensor, keys: Tensor): Tensor {
    if (this.score === 'concat') {
      const compared = linear(query, this.#half(0, this.queryDim));
      return additiveScores({ query: compared, key: keys, v: this.v!.value });
    }
    const products = matMul(query, keys, false, true);
    return this.score === 'scaled_dot' ? mul(products, 1 / Math.sqrt(this.keyDim)) : products;
  }

  protected override window({ query, mask, keys, position }: WindowInput) {
    const { local } = this;
    if (local === undefined) return { mask };
    const [batch, queries] = query.shape as [number, number, number];
    const allowed = mask?.dataSync();
    const isReal = (b: number, j: number) => allowed === undefined || allowed[b * keys + j] !== 0;
    const lengths = Float32Array.from({ length: batch }, (_, b) => {
      let length = keys;
      while (length > 0 && !isReal(b, length - 1)) length--;
      return length;
    });
    const centres = this.#centres(query, lengths);
    const places = centres?.dataSync();
    const flags = new Float32Array(batch * queries * keys);
    for (let row = 0; row < batch * queries; row++) {
      const b = Math.floor(row / queries);
      const centre = places?.[row] ?? position + (row % queries);
      for (let j = 0; j < keys; j++) {
        if (Math.abs(j - centre) <= local.reach && isReal(b, j)) flags[row * keys + j] = 1;
      }
    }
    const inside = tensor(flags, [batch, queries, keys]);
    if (centres === undefined) return { mask: inside };
    const order = tensor(
      Float32Array.from({ length: keys }, (_, j) => j),
      [1, 1, keys],
    );
    const spread = local.reach / 2;
    return { mask: inside, factor: exp(mul(neg(square(sub(order, centres))), 1 / (2 * spread * spread))) };
  }

  /** Where each query expects its key, [batch, queries, 1]; undefined for a monotonic window. */
  #centres(query: Tensor, lengths: Float32Array): Tensor | undefined {
    if (this.position === undefined) return undefined;
    const [batch, queries, width] = query.shape as [number, number, number];
    const hidden = linear(query, this.position.weight.value, undefined, { activation: 'tanh' });
    const sums = sum(mul(hidden, reshape(this.positionV!.value, [1, 1, width])), 2);
    const share = sigmoid(reshape(sums, [batch, queries, 1]));
    return mul(share, tensor(lengths, [batch, 1, 1]));
  }

  /** The columns of the weight of `concat` that belong to the query, or to the key. */
  #half(from: number, width: number): Tensor {
    const weight = this.weight!.value;
    return slice(weight, [0, from], [weight.shape[0], width]);
  }
}
