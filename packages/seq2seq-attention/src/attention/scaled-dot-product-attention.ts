import { ConfigError, DtypeError, type Key, ShapeError } from '@dl/core';
import { reshape, type Tensor, tensor } from '@dl/core/ops';
import {
  plainAttention,
  type ScaledDotProductAttrs,
  type ScaledDotProductInputs,
  streamedAttention,
} from '../ops/scaled-dot-product';
import { readKeyMask } from './key-mask';

/** What `scaledDotProductAttention` works on. */
export interface ScaledDotProductInput {
  /** `[batch, queries, heads * width]` */
  query: Tensor;
  /** `[batch, keys, kvHeads * width]` */
  key: Tensor;
  /** `[batch, keys, kvHeads * valueWidth]` */
  value: Tensor;
}

/** How it is computed. */
export interface ScaledDotProductOptions {
  /** Heads of the queries, side by side in the last axis. @default 1 */
  heads?: number;
  /** Heads of keys and values, of which each serves `heads / kvHeads` of the queries: grouped-query attention. @default heads */
  kvHeads?: number;
  /** Factor of the products. @default 1 / sqrt(width) */
  scale?: number | undefined;
  /** Whether a query sees the keys up to its own place only. @default false */
  causal?: boolean;
  /** The place of the first query among the keys, for causal attention. @default 0 */
  offset?: number;
  /** The number of keys of each sequence that are real. @default all */
  keyLengths?: readonly number[] | Tensor | undefined;
  /** `[batch, keys]`, 1 where a key may be looked at. @default ones */
  keyMask?: Tensor | undefined;
  /**
   * For each pair of query and key, of the shape `[queries, keys]` or `[1 or batch, 1 or heads, queries, keys]`: bool, true
   * where the query may look; or float32, added to the scores. @default none
   */
  mask?: Tensor | undefined;
  /** `[heads, 2 * reach + 1]`, added to the scores by the distance from query to key, at most `reach` either way. @default none */
  relative?: Tensor | undefined;
  /** Drops weights. @default none */
  dropout?: { rate: number; key: Key } | undefined;
  /** Whether the weights are given too, for which the whole matrix is made. @default false */
  needWeights?: boolean;
}

/** What it gives. */
export type ScaledDotProductOutput = {
  /** `[batch, queries, heads * valueWidth]` */
  output: Tensor;
  /** `[batch, heads, queries, keys]`, where they were asked for. */
  weights?: Tensor;
};

const WHERE = 'scaledDotProductAttention';

/**
 * `softmax(scale q k^T + mask) v` for each head. Vaswani et al. 2017, PyTorch's `scaled_dot_product_attention`, with time
 * before the heads: nothing is transposed.
 *
 * On the backend `wasm` a block of queries at a time is computed, forward and backward, so that memory grows with time and not
 * with its square. A query that may look at nothing gets zeros.
 *
 * @throws ShapeError, ConfigError where sizes do not fit each other
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { ones } from '@dl/core/ops';
 * import { scaledDotProductAttention } from '@dl/seq2seq-attention';
 *
 * await init();
 * const x = ones([1, 3, 8]);
 * const { weights } = scaledDotProductAttention({ query: x, key: x, value: x }, { causal: true, needWeights: true });
 * weights!.dataSync(); // [1, 0, 0, 0.5, 0.5, 0, 0.33333, 0.33333, 0.33333]
 * ```
 */
export function scaledDotProductAttention(
  { query, key, value }: ScaledDotProductInput,
  options: ScaledDotProductOptions = {},
): ScaledDotProductOutput {
  const { heads = 1, kvHeads = heads, relative, dropout } = options;
  const shapes = () => [
    { label: 'query', shape: query.shape, axes: ['batch', 'queries', 'heads*width'] },
    { label: 'key', shape: key.shape, axes: ['batch', 'keys', 'kvHeads*width'] },
    { label: 'value', shape: value.shape, axes: ['batch', 'keys', 'kvHeads*valueWidth'] },
  ];
  for (const [label, x] of Object.entries({ query, key, value })) {
    if (x.dtype !== 'float32') throw new DtypeError(`${WHERE}: the ${label} is ${x.dtype}, float32 is needed`);
  }
  if (query.rank !== 3 || key.rank !== 3 || value.rank !== 3) {
    throw new ShapeError(WHERE, 'query, key and value need three axes', shapes());
  }
  const [batch, queries, queryWidth] = query.shape as [number, number, number];
  const keys = key.shape[1]!;
  if (key.shape[0] !== batch || value.shape[0] !== batch || value.shape[1] !== keys) {
    throw new ShapeError(WHERE, 'query, key and value differ in batch or time', shapes());
  }
  if (!(Number.isInteger(heads / kvHeads) && kvHeads >= 1)) {
    throw new ConfigError(WHERE, `${heads} heads cannot share ${kvHeads} of the keys`, 'take a divisor of heads');
  }
  const width = queryWidth / heads;
  const valueWidth = value.shape[2]! / kvHeads;
  if (!Number.isInteger(width) || key.shape[2] !== width * kvHeads || !Number.isInteger(valueWidth)) {
    throw new ShapeError(WHERE, `${heads} heads of queries and ${kvHeads} of keys do not have one width`, shapes());
  }
  if (relative !== undefined && (relative.rank !== 2 || relative.shape[0] !== heads || relative.shape[1]! % 2 === 0)) {
    throw new ShapeError(WHERE, 'relative must have a row for each head and an odd number of distances', [
      { label: 'relative', shape: relative.shape, axes: ['heads', '2*reach+1'] },
    ]);
  }
  const inputs: ScaledDotProductInputs = {
    query,
    key,
    value,
    bias: options.mask && biasOf(options.mask, batch, heads, queries, keys),
    relative,
  };
  const attrs: ScaledDotProductAttrs = {
    heads,
    kvHeads,
    scale: options.scale ?? 1 / Math.sqrt(width),
    causal: options.causal ? (options.offset ?? 0) : undefined,
    ...readKeyMask(WHERE, batch, keys, {
      ...(options.keyLengths !== undefined && { lengths: options.keyLengths }),
      ...(options.keyMask !== undefined && { mask: options.keyMask }),
    }),
    dropout: dropout && dropout.rate > 0 ? dropout : undefined,
  };
  return options.needWeights ? plainAttention(inputs, attrs) : { output: streamedAttention(inputs, attrs) };
}

/** A mask as what is added to the scores, [1 or batch, 1 or heads, queries, keys]. */
function biasOf(mask: Tensor, batch: number, heads: number, queries: number, keys: number): Tensor {
  const shape = mask.rank === 2 ? [1, 1, ...mask.shape] : mask.shape;
  const fits = shape.every((size, i) => size === [batch, heads, queries, keys][i] || (i < 2 && size === 1));
  if (shape.length !== 4 || !fits) {
    throw new ShapeError(WHERE, 'the mask does not fit the queries and keys', [
      { label: 'mask', shape: mask.shape },
      { label: 'wanted', shape: [batch, heads, queries, keys], axes: ['batch', 'heads', 'queries', 'keys'] },
    ]);
  }
  if (mask.dtype !== 'bool') return reshape(mask, shape);
  const added = Float32Array.from(mask.dataSync(), (may) => (may ? 0 : Number.NEGATIVE_INFINITY));
  return tensor(added, shape);
}
