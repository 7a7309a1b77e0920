import { ConfigError, type Context, EVAL, type Key, Module, Param, type Shape, ShapeError } from '@dl/core';
import { checks, initializers, Linear } from '@dl/core/nn';
import { linear, slice, split, Tensor, zeros } from '@dl/core/ops';
import type { KeyMaskSource } from './key-mask';
import { rotary } from './rotary';
import { scaledDotProductAttention } from './scaled-dot-product-attention';

/** Options of `MultiHeadAttention`. */
export interface MultiHeadAttentionConfig {
  /** Features of queries and output; PyTorch's `embed_dim`. */
  dim: number;
  /** Heads, among which the features are divided; PyTorch's `num_heads`. */
  heads: number;
  /** Heads of keys and values, of which each serves `heads / kvHeads` of the queries: grouped-query attention. @default heads */
  kvHeads?: number;
  /** Features of the keys; PyTorch's `kdim`. @default dim */
  kdim?: number;
  /** Features of the values; PyTorch's `vdim`. @default dim */
  vdim?: number;
  /** Whether the projections have biases. @default true */
  bias?: boolean;
  /** Whether a query sees the keys up to its own place only. @default false */
  causal?: boolean;
  /** Whether queries and keys are turned by their places; see `rotary`. @default false */
  rotary?: boolean | { base: number };
  /** Learns a number for each head and distance up to so many steps either way, added to the scores. @default none */
  relative?: number;
  /** The chance that a weight is dropped, in training. @default 0 */
  dropout?: number;
  /** Draws the weights. */
  key: Key;
}

/** Queries, and what they look at. */
export interface MultiHeadInput {
  /** `[batch, queries, dim]` */
  query: Tensor;
  /** `[batch, keys, kdim]` @default the queries */
  key?: Tensor;
  /** `[batch, keys, vdim]` @default the keys */
  value?: Tensor;
  /** The number of keys of each sequence that are real. @default all */
  keyLengths?: readonly number[] | Tensor | undefined;
  /** `[batch, keys]`, 1 where a key may be looked at; the opposite of PyTorch's `key_padding_mask`. @default ones */
  keyMask?: Tensor | undefined;
  /** `[queries, keys]` or more, bool (true: may look) or added to the scores; see `scaledDotProductAttention`. @default none */
  mask?: Tensor | undefined;
  /** @default that of the layer */
  causal?: boolean;
  /** Whether the weights are given too. @default false */
  needWeights?: boolean;
}

/** What it gives. */
export type MultiHeadOutput = {
  /** `[batch, queries, dim]` */
  output: Tensor;
  /** `[batch, heads, queries, keys]`, where they were asked for. */
  weights?: Tensor;
};

/** Projected keys and values: what decoding step by step keeps. */
export type MultiHeadMemory = {
  /** `[batch, keys, kvHeads * width]` */
  key: Tensor;
  /** `[batch, keys, kvHeads * width]` */
  value: Tensor;
};

/** How a memory is looked at. */
export interface MultiHeadAttendOptions
  extends Pick<MultiHeadInput, 'keyLengths' | 'keyMask' | 'mask' | 'needWeights'> {
  /** @default that of the layer */
  causal?: boolean | undefined;
  /** The place of the first query. @default 0 */
  offset?: number;
}

/**
 * Multi-head attention: projects queries, keys and values, attends in each head by itself, and projects the result. Vaswani et
 * al. 2017, PyTorch's `nn.MultiheadAttention` with the batch first and the same parameter names and first values.
 *
 * A tensor `[batch, time, dim]` attends to itself, with lengths or mask of the context for its keys; `{ query, key, value }` to
 * another sequence. Gives `{ output: [batch, queries, dim] }`, and `weights` where `needWeights` is set.
 *
 * Weights: `in_proj_weight` `[dim + 2 * kvDim, dim]` with the rows of queries, keys, values, where kvDim is `kvHeads * dim /
 * heads`; with another `kdim` or `vdim` instead `q_proj_weight` `[dim, dim]`, `k_proj_weight` `[kvDim, kdim]`, `v_proj_weight`
 * `[kvDim, vdim]`; `in_proj_bias`, `out_proj.weight`, `out_proj.bias`; `relative` `[heads, 2 * relative + 1]`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { MultiHeadAttention } from '@dl/seq2seq-attention';
 *
 * await init();
 * const attention = new MultiHeadAttention({ dim: 16, heads: 4, causal: true, key: key(0) });
 * attention.predict(ones([2, 7, 16])).output.shape; // [2, 7, 16]
 * ```
 */
export class MultiHeadAttention extends Module<Tensor | MultiHeadInput, MultiHeadOutput> {
  readonly dim: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly causal: boolean;
  readonly dropout: number;
  readonly rotaryBase: number | undefined;
  readonly in_proj_weight: Param | undefined;
  readonly q_proj_weight: Param | undefined;
  readonly k_proj_weight: Param | undefined;
  readonly v_proj_weight: Param | undefined;
  readonly in_proj_bias: Param | undefined;
  readonly out_proj: Linear;
  readonly relative: Param | undefined;

  /** @throws ConfigError for sizes that are no positive integers, or heads that do not divide the features */
  constructor(config: MultiHeadAttentionConfig) {
    super();
    const { dim, heads, kvHeads = heads, kdim = dim, vdim = dim, bias = true, causal = false, relative, key } = config;
    for (const [option, size] of Object.entries({ dim, heads, kvHeads, kdim, vdim })) {
      checks.checkSize(this, option, size);
    }
    if (dim % heads !== 0) {
      throw new ConfigError(this.where, `${heads} heads do not divide ${dim} features`, 'take a divisor of dim');
    }
    if (heads % kvHeads !== 0) {
      throw new ConfigError(
        this.where,
        `${heads} heads cannot share ${kvHeads} of the keys`,
        'take a divisor of heads',
      );
    }
    checks.checkNumber(this, 'dropout', config.dropout ?? 0, { min: 0, below: 1 });
    if (config.rotary && (dim / heads) % 2 === 1) {
      throw new ConfigError(this.where, `rotary positions turn pairs, a head has ${dim / heads} features`);
    }
    this.dim = dim;
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.kdim = kdim;
    this.vdim = vdim;
    this.causal = causal;
    this.dropout = config.dropout ?? 0;
    this.rotaryBase = config.rotary ? (config.rotary === true ? 10000 : config.rotary.base) : undefined;
    const kvDim = (kvHeads * dim) / heads;
    const glorot = initializers.glorotUniform();
    if (kdim === dim && vdim === dim) {
      this.in_proj_weight = new Param(glorot([dim + 2 * kvDim, dim], key.child('in_proj_weight')));
    } else {
      this.q_proj_weight = new Param(glorot([dim, dim], key.child('q_proj_weight')));
      this.k_proj_weight = new Param(glorot([kvDim, kdim], key.child('k_proj_weight')));
      this.v_proj_weight = new Param(glorot([kvDim, vdim], key.child('v_proj_weight')));
    }
    this.in_proj_bias = bias ? new Param(zeros([dim + 2 * kvDim])) : undefined;
    const biasInit = initializers.constant(0);
    this.out_proj = new Linear({ in: dim, out: dim, bias, biasInit, key: key.child('out_proj') });
    if (relative !== undefined) {
      checks.checkSize(this, 'relative', relative);
      this.relative = new Param(zeros([heads, 2 * relative + 1]));
    }
  }

  /**
   * Projects keys and values, once for all queries.
   *
   * @param key `[batch, keys, kdim]` @param value `[batch, keys, vdim]`, the keys unless given
   * @param offset the place of the first key, for rotary positions
   */
  remember(key: Tensor, value: Tensor = key, offset = 0): MultiHeadMemory {
    this.#check('key', key, this.kdim, 'kdim');
    this.#check('value', value, this.vdim, 'vdim');
    const kvDim = (this.kvHeads * this.dim) / this.heads;
    if (key === value && this.in_proj_weight !== undefined) {
      const both = this.#project(key, this.in_proj_weight, this.dim, 2 * kvDim);
      const [k, v] = split(both, 2, 2) as [Tensor, Tensor];
      return { key: this.#turned(k, this.kvHeads, offset), value: v };
    }
    return {
      key: this.#turned(this.#project(key, this.k_proj_weight, this.dim, kvDim), this.kvHeads, offset),
      value: this.#project(value, this.v_proj_weight, this.dim + kvDim, kvDim),
    };
  }

  /**
   * Looks at projected keys and values.
   *
   * @param query `[batch, queries, dim]`
   */
  attend(
    query: Tensor,
    memory: MultiHeadMemory,
    ctx: Context = EVAL,
    options: MultiHeadAttendOptions = {},
  ): MultiHeadOutput {
    this.#check('query', query, this.dim, 'dim');
    const projected = this.#project(query, this.q_proj_weight, 0, this.dim);
    return this.#attend(this.#turned(projected, this.heads, options.offset ?? 0), memory, ctx, options);
  }

  /**
   * @param x queries, keys and values; or one tensor for all three
   * @throws ShapeError where features or batches do not fit
   */
  forward(x: Tensor | MultiHeadInput, ctx: Context = EVAL): MultiHeadOutput {
    const input: MultiHeadInput = x instanceof Tensor ? { query: x, ...hiddenOf(ctx) } : x;
    const { query, key = query, value = key, causal, ...options } = input;
    if (query !== key || key !== value || this.in_proj_weight === undefined) {
      return this.attend(query, this.remember(key, value), ctx, { causal, ...options });
    }
    // Self-attention: one product for all three.
    this.#check('query', query, this.dim, 'dim');
    const kvDim = (this.kvHeads * this.dim) / this.heads;
    const all = linear(query, this.in_proj_weight.value, this.in_proj_bias?.value);
    const [q, k, v] = split(all, [this.dim, kvDim, kvDim], 2) as [Tensor, Tensor, Tensor];
    return this.#attend(this.#turned(q, this.heads, 0), { key: this.#turned(k, this.kvHeads, 0), value: v }, ctx, {
      causal,
      ...options,
    });
  }

  /** Of a tensor that attends to itself: its own shape. */
  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 3, 3);
    checks.checkLastAxis(this, input, 'example', { size: this.dim, axis: 'features', option: 'dim' });
    return input;
  }

  #attend(query: Tensor, memory: MultiHeadMemory, ctx: Context, options: MultiHeadAttendOptions): MultiHeadOutput {
    const { causal = this.causal, offset = 0, keyLengths, keyMask, mask, needWeights = false } = options;
    const { output, weights } = scaledDotProductAttention(
      { query, ...memory },
      {
        heads: this.heads,
        kvHeads: this.kvHeads,
        causal,
        offset,
        keyLengths,
        keyMask,
        mask,
        relative: this.relative?.value,
        dropout: ctx.train && this.dropout > 0 ? { rate: this.dropout, key: this.keyOf(ctx) } : undefined,
        needWeights,
      },
    );
    return { output: this.out_proj.forward(output), ...(weights && { weights }) };
  }

  /** x W^T + b with the rows of the projection from `from` on; `own` is the weight where it stands by itself. */
  #project(x: Tensor, own: Param | undefined, from: number, width: number): Tensor {
    const bias = this.in_proj_bias && slice(this.in_proj_bias.value, [from], [width]);
    const whole = this.in_proj_weight;
    const weight = whole === undefined ? own!.value : slice(whole.value, [from, 0], [width, whole.shape[1]!]);
    return linear(x, weight, bias);
  }

  #turned(x: Tensor, heads: number, offset: number): Tensor {
    return this.rotaryBase === undefined ? x : rotary(x, { heads, offset, base: this.rotaryBase });
  }

  #check(label: string, x: Tensor, features: number, option: string): void {
    checks.checkFloat(this, x);
    if (x.rank === 3 && x.shape[2] === features) return;
    throw new ShapeError(
      this.where,
      x.rank === 3
        ? `the ${label} has ${x.shape[2]} features, the layer expects ${features}`
        : `the ${label} has ${x.rank} axes, the layer expects 3`,
      [{ label, shape: x.shape, axes: ['batch', 'time', 'features'] }],
      x.rank === 3 ? `set ${option}: ${x.shape[2]}, or give it ${features} features` : undefined,
    );
  }
}

function hiddenOf({ lengths, mask }: KeyMaskSource): Pick<MultiHeadInput, 'keyLengths' | 'keyMask'> {
  return { keyLengths: lengths, keyMask: mask };
}
