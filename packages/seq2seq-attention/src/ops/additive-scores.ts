import { add, defineOp, expandDims, linear, mul, reshape, sub, sum, type Tensor, tanh } from '@dl/core/ops';
import { kernels } from '../kernels';

type Inputs = {
  /** [batch, queries, width] */
  query: Tensor;
  /** [batch, keys, width] */
  key: Tensor;
  /** [width] */
  v: Tensor;
};

/** tanh(query + key) for every pair: [batch, queries, keys, width]. */
function activated({ query, key }: Inputs): Tensor {
  return tanh(add(expandDims(query, 2), expandDims(key, 1)));
}

/**
 * The scores of additive attention: `s[i, j] = v . tanh(query[i] + key[j])`, `[batch, queries, keys]`. Bahdanau et al. 2015,
 * for queries and keys that have been projected to one width.
 *
 * With `t = tanh(query[i] + key[j])`: `dv = sum ds t`, and `ds v (1 - t^2)`, summed over the keys, is the gradient of a
 * query, summed over the queries that of a key. The kernels keep no t: it is `width` times as large as the scores.
 */
export const additiveScores = defineOp({
  name: 'additiveScores',
  error: '1e-6 of the sum of |v|',
  saves: ['query', 'key', 'v'],
  forward: (inputs: Inputs) => {
    const t = activated(inputs);
    return reshape(linear(t, reshape(inputs.v, [1, -1])), t.shape.slice(0, 3));
  },
  backward: ({ dy, ...inputs }) => {
    const t = activated(inputs);
    const ds = expandDims(dy, 3);
    const inner = mul(mul(ds, inputs.v), sub(1, mul(t, t)));
    return {
      query: () => sum(inner, 2),
      key: () => sum(inner, 1),
      v: () => sum(mul(ds, t), [0, 1, 2]),
    };
  },
  kernel: ({ query, key, v }, _, heap) => {
    const [batch, queries, width] = query.shape as [number, number, number];
    const keys = key.shape[1]!;
    const scores = heap.tensor([batch, queries, keys]);
    kernels
      .on(heap)
      .additiveScores(
        batch,
        queries,
        keys,
        width,
        heap.address(query),
        heap.address(key),
        heap.address(v),
        heap.address(scores),
      );
    return scores;
  },
  backwardKernel: ({ query, key, v, dy }, _, heap) => {
    const [batch, queries, width] = query.shape as [number, number, number];
    const gradients = { query: heap.tensor(query.shape), key: heap.tensor(key.shape), v: heap.tensor(v.shape) };
    kernels
      .on(heap)
      .additiveScoresGradient(
        batch,
        queries,
        key.shape[1]!,
        width,
        heap.address(query),
        heap.address(key),
        heap.address(v),
        heap.address(dy),
        heap.address(gradients.query),
        heap.address(gradients.key),
        heap.address(gradients.v),
      );
    return gradients;
  },
});
