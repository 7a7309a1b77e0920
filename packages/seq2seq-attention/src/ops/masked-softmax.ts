import {
  defineOp,
  div,
  equal,
  exp,
  greater,
  max,
  mul,
  notEqual,
  onesLike,
  sub,
  sum,
  type Tensor,
  where,
  zerosLike,
} from '@dl/core/ops';
import { kernels } from '../kernels';

type Inputs = {
  /** [..., keys] */
  scores: Tensor;
  /** 0 where a key must not be looked at, else 1; broadcast to the scores. */
  mask?: Tensor | undefined;
};

function composed({ scores, mask }: Inputs): Tensor {
  const hidden = mul(onesLike(scores), Number.NEGATIVE_INFINITY);
  const seen = mask === undefined ? scores : where(notEqual(mask, 0), scores, hidden);
  const largest = max(seen, -1, true);
  // Of a row without any key the largest is -Infinity: less itself it would be NaN.
  const e = exp(sub(seen, where(equal(largest, Number.NEGATIVE_INFINITY), zerosLike(largest), largest)));
  const total = sum(e, -1, true);
  return div(e, where(greater(total, 0), total, where(equal(total, 0), onesLike(total), total)));
}

/**
 * The softmax over the keys that may be looked at: `w = e^s / sum e^s` over those with a mask, 0 elsewhere. A row in which
 * nothing may be looked at, by its mask or because all scores are -Infinity, is all zeros and gets no gradient.
 *
 * `ds = w (dw - sum dw w)`, as of the softmax.
 */
export const maskedSoftmax = defineOp({
  name: 'maskedSoftmax',
  error: '1e-6 relative',
  saves: ['y'],
  forward: (inputs: Inputs) => composed(inputs),
  backward: ({ y, dy }) => ({
    scores: () => {
      const weighted = mul(dy, y);
      return sub(weighted, mul(y, sum(weighted, -1, true)));
    },
  }),
  kernel: ({ scores, mask }, _, heap) => {
    const [batch, queries, keys] = scores.shape as [number, number, number];
    const y = heap.tensor(scores.shape);
    heap.scratch(4 * (keys + 8), (scratch) =>
      kernels
        .on(heap)
        .maskedSoftmax(
          batch,
          queries,
          keys,
          heap.address(scores),
          mask ? heap.address(mask) : 0,
          mask && mask.shape[1] !== 1 ? keys : 0,
          heap.address(y),
          scratch,
        ),
    );
    return y;
  },
  backwardKernel: ({ y, dy }, _, heap) => ({
    scores: () => {
      const dx = heap.tensor(y.shape);
      const keys = y.shape.at(-1)!;
      kernels
        .on(heap)
        .softmaxGradient(heap.address(y), heap.address(dy), heap.address(dx), y.size / Math.max(1, keys), keys);
      return dx;
    },
  }),
  supports: ({ scores, mask }) =>
    scores.rank === 3 &&
    scores.dtype === 'float32' &&
    (mask === undefined ||
      (mask.dtype === 'float32' &&
        mask.rank === 3 &&
        mask.shape[0] === scores.shape[0] &&
        mask.shape[2] === scores.shape[2] &&
        (mask.shape[1] === 1 || mask.shape[1] === scores.shape[1]))),
});
