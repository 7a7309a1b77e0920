import { ConfigError, type Context, EVAL, Module, type Shape, ShapeError } from '@dl/core';
import { checks } from '@dl/core/nn';
import { dropout, matMul, mul, Tensor } from '@dl/core/ops';
import { maskedSoftmax } from '../ops/masked-softmax';
import { type KeyMask, keyMaskTensor, readKeyMask } from './key-mask';

/** Queries, and what they look at. */
export interface AttentionInput {
  /** `[batch, queries, queryDim]` */
  query: Tensor;
  /** `[batch, keys, keyDim]` */
  key: Tensor;
  /** `[batch, keys, valueDim]` @default the keys */
  value?: Tensor | undefined;
  /** The number of keys of each sequence that are real; the rest is padding. @default all */
  keyLengths?: readonly number[] | Tensor | undefined;
  /** `[batch, keys]`, 1 where a key may be looked at, 0 where it may not. @default ones */
  keyMask?: Tensor | undefined;
}

/** What attention gives. */
export type AttentionOutput = {
  /** The weighed values, one row for each query: `[batch, queries, valueDim]`. */
  output: Tensor;
  /** How much of each key went into it: `[batch, queries, keys]`, rows of the sum 1; 0 at keys that are hidden. */
  weights: Tensor;
};

/** Keys and values made ready once, to be looked at again and again while a sequence is decoded. */
export type AttentionMemory = {
  /** What the queries are compared with: `[batch, keys, ...]`. */
  keys: Tensor;
  /** What is weighed: `[batch, keys, valueDim]`. */
  values: Tensor;
  /** `[batch, 1, keys]` 1 where a key may be looked at; undefined: everywhere. */
  mask?: Tensor;
};

/** What an attention is told besides queries and memory. */
export interface AttendOptions {
  /** The place of the first query in its sequence, which local attention centres on. @default 0 */
  position?: number;
  /** How much attention each key has had, `[batch, keys]`; for attention with coverage. */
  coverage?: Tensor | undefined;
}

/** What a window is chosen by. */
export interface WindowInput {
  query: Tensor;
  mask: Tensor | undefined;
  /** How many there are. */
  keys: number;
  position: number;
}

/**
 * What additive and Luong attention have in common: `output = softmax(score(query, keys)) values`, with one score for each
 * pair of query and key.
 *
 * A tensor `[batch, time, features]` attends to itself; lengths and mask of the context then hide keys. Where nothing may be
 * looked at (an empty sequence, a mask of zeros) weights and output are zeros.
 */
export abstract class Attention extends Module<Tensor | AttentionInput, AttentionOutput> {
  /** Features of the queries. */
  readonly queryDim: number;
  /** Features of the keys. */
  readonly keyDim: number;
  readonly dropout: number;

  constructor(queryDim: number, keyDim: number, rate = 0) {
    super();
    checks.checkSize(this, 'queryDim', queryDim);
    checks.checkSize(this, 'keyDim', keyDim);
    checks.checkNumber(this, 'dropout', rate, { min: 0, below: 1 });
    this.queryDim = queryDim;
    this.keyDim = keyDim;
    this.dropout = rate;
  }

  /** Whether it takes coverage. */
  get usesCoverage(): boolean {
    return false;
  }

  /** What is computed of the keys once for all queries. */
  protected abstract prepare(keys: Tensor): Tensor;

  /** [batch, queries, keys] from queries and prepared keys. */
  protected abstract scores(query: Tensor, keys: Tensor, coverage: Tensor | undefined): Tensor;

  /** What local attention adds: other keys hidden, and a factor of the weights. */
  protected window({ mask }: WindowInput): { mask: Tensor | undefined; factor?: Tensor } {
    return { mask };
  }

  /**
   * Makes keys and values ready.
   *
   * @throws ShapeError for another number of features, or lengths and masks that do not fit
   */
  remember({ key, value = key, keyLengths, keyMask }: Omit<AttentionInput, 'query'>): AttentionMemory {
    this.#check('key', key, this.keyDim, 'keyDim');
    if (value.rank !== 3 || value.shape[0] !== key.shape[0] || value.shape[1] !== key.shape[1]) {
      throw new ShapeError(this.where, 'there must be a value for each key', [
        { label: 'key', shape: key.shape, axes: ['batch', 'keys', 'features'] },
        { label: 'value', shape: value.shape },
      ]);
    }
    const [batch, keys] = key.shape as [number, number, number];
    const hidden: KeyMask = readKeyMask(this.where, batch, keys, {
      ...(keyLengths !== undefined && { lengths: keyLengths }),
      ...(keyMask !== undefined && { mask: keyMask }),
    });
    const mask = keyMaskTensor(hidden, keys);
    return { keys: this.prepare(key), values: value, ...(mask && { mask }) };
  }

  /**
   * Looks at a memory.
   *
   * @param query `[batch, queries, queryDim]`
   * @param memory as `remember` gave it
   */
  attend(query: Tensor, memory: AttentionMemory, ctx: Context = EVAL, options: AttendOptions = {}): AttentionOutput {
    this.#check('query', query, this.queryDim, 'queryDim');
    const [batch, keys] = memory.values.shape as [number, number, number];
    if (query.shape[0] !== batch) {
      throw new ShapeError(this.where, `there are ${query.shape[0]} sequences of queries and ${batch} of keys`, [
        { label: 'query', shape: query.shape, axes: ['batch', 'queries', 'features'] },
        { label: 'value', shape: memory.values.shape, axes: ['batch', 'keys', 'features'] },
      ]);
    }
    if (options.coverage !== undefined && !this.usesCoverage) {
      throw new ConfigError(this.where, 'it was given coverage and has no weight for it', 'set coverage: true');
    }
    const { position = 0, coverage } = options;
    const { mask, factor } = this.window({ query, mask: memory.mask, keys, position });
    const scores = this.scores(query, memory.keys, coverage);
    const aligned = maskedSoftmax({ scores, mask });
    const weights = factor === undefined ? aligned : mul(aligned, factor);
    const kept =
      ctx.train && this.dropout > 0
        ? dropout(weights, { rate: this.dropout, key: this.keyOf(ctx).fold(position) })
        : weights;
    return { output: matMul(kept, memory.values), weights };
  }

  /**
   * @param x queries, keys and values; or one tensor for all three
   * @param ctx of a single tensor: `lengths` or `mask` of its steps
   * @throws ShapeError where features or batches do not fit
   */
  forward(x: Tensor | AttentionInput, ctx: Context = EVAL): AttentionOutput {
    if (!(x instanceof Tensor)) return this.attend(x.query, this.remember(x), ctx);
    this.#check('key', x, this.keyDim, 'keyDim');
    return this.attend(x, this.remember({ key: x, keyLengths: ctx.lengths, keyMask: ctx.mask }), ctx);
  }

  /** Of a tensor that attends to itself: its own shape. */
  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 3, 3);
    checks.checkLastAxis(this, input, 'example', { size: this.keyDim, axis: 'features', option: 'keyDim' });
    return input;
  }

  #check(label: string, x: Tensor, features: number, option: string): void {
    checks.checkFloat(this, x);
    if (x.rank === 3 && x.shape[2] === features) return;
    throw new ShapeError(
      this.where,
      x.rank === 3
        ? `the ${label} has ${x.shape[2]} features, the layer expects ${features}`
        : `the ${label} has ${x.rank} axes, the layer expects 3`,
      [{ label, shape: x.shape, axes: ['batch', label === 'key' ? 'keys' : 'queries', 'features'] }],
      x.rank === 3 ? `set ${option}: ${x.shape[2]}, or give it ${features} features` : undefined,
    );
  }
}
