import type { Key } from '@dl/core';
import {
  add,
  defineOp,
  gather,
  type Heap,
  matMul,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  unsortedSegmentSum,
  zeros,
} from '@dl/core/ops';
import { kernels } from '../kernels';
import { maskedSoftmax } from './masked-softmax';

/** Queries, keys and values; heads lie side by side in the last axis. */
export type ScaledDotProductInputs = {
  /** [batch, queries, heads * width] */
  query: Tensor;
  /** [batch, keys, kvHeads * width] */
  key: Tensor;
  /** [batch, keys, kvHeads * valueWidth] */
  value: Tensor;
  /** Added to the scores: [1 or batch, 1 or heads, queries, keys]. */
  bias?: Tensor | undefined;
  /** Added to the scores by the distance from query to key: [heads, 2 * reach + 1]. */
  relative?: Tensor | undefined;
};

/** How attention is computed. */
export interface ScaledDotProductAttrs {
  heads: number;
  kvHeads: number;
  /** Factor of the products. */
  scale: number;
  /** Query i sees the keys up to i + offset; undefined: all of them. */
  causal: number | undefined;
  /** [batch] how many keys count, from the first one on. */
  limits: Int32Array;
  /** [batch * keys] 0 for keys that do not count; undefined: all within the limits do. */
  mask: Float32Array | undefined;
  /** Weights dropped, in training. */
  dropout: { rate: number; key: Key } | undefined;
}

interface Sizes {
  batch: number;
  queries: number;
  keys: number;
  width: number;
  valueWidth: number;
  reach: number;
}

function sizesOf({ query, key, value, relative }: ScaledDotProductInputs, attrs: ScaledDotProductAttrs): Sizes {
  return {
    batch: query.shape[0],
    queries: query.shape[1]!,
    keys: key.shape[1]!,
    width: query.shape[2]! / attrs.heads,
    valueWidth: value.shape[2]! / attrs.kvHeads,
    reach: relative === undefined ? 0 : (relative.shape[1]! - 1) / 2,
  };
}

/** [batch, time, heads * width] to [batch, heads, time, width]. */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, time, width] = x.shape as [number, number, number];
  return transpose(reshape(x, [batch, time, heads, width / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, time, width] to [batch, time, heads * width]. */
function joinHeads(x: Tensor): Tensor {
  const [batch, heads, time, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, time, heads * width]);
}

/** Each head of the keys as often as there are heads of the queries that share it. */
function repeatHeads(x: Tensor, times: number): Tensor {
  const heads = x.shape[1]!;
  if (times === 1) return x;
  const order = Int32Array.from({ length: heads * times }, (_, h) => Math.floor(h / times));
  return gather(x, tensor(order, [order.length], 'int32'), 1);
}

/** The sum over the heads that share one: the gradient of `repeatHeads`. */
function sumHeads(x: Tensor, times: number): Tensor {
  const [batch, heads, time, width] = x.shape as [number, number, number, number];
  return times === 1 ? x : sum(reshape(x, [batch, heads / times, times, time, width]), 2);
}

/** 1 where a query may look at a key, [batch, 1, queries, keys]; undefined where it may everywhere. */
function maskTensor({ batch, queries, keys }: Sizes, { causal, limits, mask }: ScaledDotProductAttrs) {
  if (causal === undefined && mask === undefined && limits.every((limit) => limit === keys)) return undefined;
  const flags = new Float32Array(batch * queries * keys);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < queries; i++) {
      for (let j = 0; j < keys; j++) {
        const seen = j < limits[b]! && (causal === undefined || j <= i + causal) && mask?.[b * keys + j] !== 0;
        flags[(b * queries + i) * keys + j] = seen ? 1 : 0;
      }
    }
  }
  return tensor(flags, [batch, 1, queries, keys]);
}

/** For each query and key the row of the table of distances, [queries * keys]. */
function distances({ queries, keys, reach }: Sizes, causal: number | undefined): Tensor {
  const rows = Int32Array.from({ length: queries * keys }, (_, at) => {
    const distance = (at % keys) - Math.floor(at / keys) - (causal ?? 0);
    return reach + Math.max(-reach, Math.min(reach, distance));
  });
  return tensor(rows, [rows.length], 'int32');
}

/** What dropping multiplies the weights with, [batch, heads, queries, keys]: rows begin at multiples of eight words. */
function dropFactors({ batch, queries, keys }: Sizes, { heads, dropout }: ScaledDotProductAttrs): Tensor {
  const { rate, key } = dropout!;
  const room = Math.ceil(keys / 8) * 8;
  const rows = batch * heads * queries;
  const words = key.bits(rows * room);
  const threshold = Math.round(rate * 2 ** 32);
  const factors = Float32Array.from({ length: rows * keys }, (_, at) =>
    words[Math.floor(at / keys) * room + (at % keys)]! >= threshold ? 1 / (1 - rate) : 0,
  );
  return tensor(factors, [batch, heads, queries, keys]);
}

/**
 * The plain form, which makes the whole matrix of weights: what the streamed one is tested against, and what gives the
 * weights away. Differentiable by itself.
 *
 * @returns `output` [batch, queries, heads * valueWidth]; `weights` [batch, heads, queries, keys] before dropping
 */
export function plainAttention(inputs: ScaledDotProductInputs, attrs: ScaledDotProductAttrs) {
  const { query, key, value, bias, relative } = inputs;
  const sizes = sizesOf(inputs, attrs);
  const shared = attrs.heads / attrs.kvHeads;
  const [q, k] = [splitHeads(query, attrs.heads), repeatHeads(splitHeads(key, attrs.kvHeads), shared)];
  let scores: Tensor = mul(matMul(q, k, false, true), attrs.scale);
  if (bias !== undefined) scores = add(scores, bias);
  if (relative !== undefined) {
    const byPair = gather(relative, distances(sizes, attrs.causal), 1);
    scores = add(scores, reshape(byPair, [1, attrs.heads, sizes.queries, sizes.keys]));
  }
  const weights = maskedSoftmax({ scores, mask: maskTensor(sizes, attrs) });
  const kept = attrs.dropout === undefined ? weights : mul(weights, dropFactors(sizes, attrs));
  const output = joinHeads(matMul(kept, repeatHeads(splitHeads(value, attrs.kvHeads), shared)));
  return { output, weights };
}

/**
 * Scaled dot-product attention over several heads: `softmax(scale q k^T) v` for each, without ever storing a matrix of
 * queries x keys. PyTorch's `scaled_dot_product_attention`.
 *
 * With `p` the weights, `dv = p^T dy`, `dp = dy v^T`, `ds = p (dp - sum dy y)`, `dq = scale ds k`, `dk = scale ds^T q`.
 */
export const streamedAttention = defineOp<ScaledDotProductInputs, Tensor, ScaledDotProductAttrs, { logSums?: Tensor }>({
  name: 'scaledDotProductAttention',
  error: '2e-6 of the largest value',
  saves: ['query', 'key', 'value', 'bias', 'relative', 'y'],
  forward: (inputs, attrs) => plainAttention(inputs, attrs).output,
  backward: (saved, attrs) => {
    const { query, key, value, bias, relative, dy } = saved;
    const sizes = sizesOf(saved, attrs);
    const shared = attrs.heads / attrs.kvHeads;
    const { weights } = plainAttention(saved, attrs);
    const q = splitHeads(query, attrs.heads);
    const k = repeatHeads(splitHeads(key, attrs.kvHeads), shared);
    const v = repeatHeads(splitHeads(value, attrs.kvHeads), shared);
    const up = splitHeads(dy, attrs.heads);
    const factors = attrs.dropout && dropFactors(sizes, attrs);
    const dDropped = matMul(up, v, false, true);
    const dWeights = factors ? mul(dDropped, factors) : dDropped;
    const kept = factors ? mul(weights, factors) : weights;
    const weighted = mul(dWeights, weights);
    const dScores = sub(weighted, mul(weights, sum(weighted, -1, true)));
    return {
      query: () => joinHeads(mul(matMul(dScores, k), attrs.scale)),
      key: () => joinHeads(sumHeads(mul(matMul(dScores, q, true), attrs.scale), shared)),
      value: () => joinHeads(sumHeads(matMul(kept, up, true), shared)),
      ...(bias && { bias: () => sumTo(dScores, bias.shape) }),
      ...(relative && {
        relative: () => {
          const byHead = reshape(sum(dScores, 0), [attrs.heads, sizes.queries * sizes.keys]);
          const byDistance = unsortedSegmentSum(
            transpose(byHead),
            distances(sizes, attrs.causal) as never,
            2 * sizes.reach + 1,
          );
          return transpose(byDistance);
        },
      }),
    };
  },
  kernel: (inputs, attrs, heap, save) => {
    const { batch, queries, keys, width, valueWidth, reach } = sizesOf(inputs, attrs);
    const { query, key, value } = inputs;
    const y = heap.tensor([batch, queries, attrs.heads * valueWidth]);
    const logSums = heap.tensor([batch, attrs.heads, queries]);
    save({ logSums });
    const { attend, attendScratch } = kernels.on(heap);
    heap.scratch(attendScratch(queries, keys, width, valueWidth), (scratch) =>
      withMasks(heap, attrs, (limits, mask) =>
        attend(
          batch,
          queries,
          keys,
          attrs.heads,
          attrs.kvHeads,
          width,
          valueWidth,
          attrs.scale,
          attrs.causal === undefined ? 0 : 1,
          attrs.causal ?? 0,
          heap.address(query),
          heap.address(key),
          heap.address(value),
          limits,
          mask,
          ...biasOf(heap, inputs),
          inputs.relative ? heap.address(inputs.relative) : 0,
          reach,
          ...dropOf(attrs),
          heap.address(y),
          heap.address(logSums),
          scratch,
        ),
      ),
    );
    return y;
  },
  backwardKernel: (saved, attrs, heap) => {
    const { batch, queries, keys, width, valueWidth, reach } = sizesOf(saved, attrs);
    const { query, key, value, bias, relative, y, logSums, dy } = saved;
    const gradients = {
      query: heap.tensor(query.shape),
      key: heap.tensor(key.shape),
      value: heap.tensor(value.shape),
      ...(bias && { bias: zeros(bias.shape) }),
      ...(relative && { relative: zeros(relative.shape) }),
    };
    const { attendGradient, attendScratch } = kernels.on(heap);
    heap.scratch(attendScratch(queries, keys, width, valueWidth), (scratch) =>
      withMasks(heap, attrs, (limits, mask) =>
        attendGradient(
          batch,
          queries,
          keys,
          attrs.heads,
          attrs.kvHeads,
          width,
          valueWidth,
          attrs.scale,
          attrs.causal === undefined ? 0 : 1,
          attrs.causal ?? 0,
          heap.address(query),
          heap.address(key),
          heap.address(value),
          limits,
          mask,
          ...biasOf(heap, saved),
          relative ? heap.address(relative) : 0,
          reach,
          ...dropOf(attrs),
          heap.address(y),
          heap.address(logSums!),
          heap.address(dy),
          heap.address(gradients.query),
          heap.address(gradients.key),
          heap.address(gradients.value),
          gradients.bias ? heap.address(gradients.bias) : 0,
          gradients.relative ? heap.address(gradients.relative) : 0,
          scratch,
        ),
      ),
    );
    return gradients;
  },
});

/** Lends the limits and the mask of the keys as addresses; 0 where there is no mask. */
function withMasks<T>(
  heap: Heap,
  { limits, mask }: ScaledDotProductAttrs,
  use: (limits: number, mask: number) => T,
): T {
  return heap.scratch(4 * (limits.length + (mask?.length ?? 0)), (address) => {
    heap.words(address, limits.length).set(limits);
    const maskAt = address + 4 * limits.length;
    if (mask !== undefined) heap.floats(maskAt, mask.length).set(mask);
    return use(address, mask === undefined ? 0 : maskAt);
  });
}

/** Address of the bias, and the floats to its next batch and head. */
function biasOf(heap: Heap, { bias }: ScaledDotProductInputs): [address: number, batch: number, head: number] {
  if (bias === undefined) return [0, 0, 0];
  const [batch, heads, queries, keys] = bias.shape as [number, number, number, number];
  return [heap.address(bias), batch === 1 ? 0 : heads * queries * keys, heads === 1 ? 0 : queries * keys];
}

function dropOf({ dropout }: ScaledDotProductAttrs): [key0: number, key1: number, threshold: number, keep: number] {
  if (dropout === undefined) return [0, 0, 0, 1];
  return [...dropout.key.words, Math.round(dropout.rate * 2 ** 32), 1 / (1 - dropout.rate)];
}

/** The sum over the axes in which a shape has 1 instead. */
function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const axes = shape.flatMap((size, axis) => (size === 1 && x.shape[axis] !== 1 ? [axis] : []));
  return axes.length === 0 ? x : sum(x, axes, true);
}
