import {
  add,
  cast,
  exp,
  expandDims,
  mul,
  neg,
  notEqual,
  ones,
  sub,
  sum,
  type Tensor,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import { classMask } from './class-mask';
import { defineOp } from './define-op';
import { composedLogSoftmax } from './log-softmax';

/** How the targets of a cross-entropy count. */
export interface CrossEntropyAttrs {
  /** The share of the target that goes to all classes alike, from 0 to 1. */
  smoothing: number;
  /** The target of examples that do not count. */
  ignoreIndex: number;
}

type Inputs = { logits: Tensor; target: Tensor; weights?: Tensor | undefined };

/** q of the formula below, [..., classes]; zero for ignored examples. */
function targetDistribution(
  { logits, target, weights }: Inputs,
  { smoothing, ignoreIndex }: CrossEntropyAttrs,
): Tensor {
  const classes = logits.shape.at(-1)!;
  const counts = notEqual(target, ignoreIndex);
  const hot = cast(classMask(target, classes), 'float32'); // [..., classes]
  const smooth = add(mul(hot, 1 - smoothing), smoothing / classes);
  // One weight for the target's own part, each class's weight for the part that all share.
  const weighted =
    weights === undefined
      ? smooth
      : add(mul(hot, mul(1 - smoothing, weights)), mul(smoothing / classes, mul(ones(hot.shape), weights)));
  return mul(weighted, expandDims(cast(counts, 'float32'), -1));
}

/**
 * The cross-entropy of each example between the softmax of its scores and its class, `-sum_j q_j ln p_j`, with
 * `p = softmax(logits)` and the target distribution
 *
 * ```
 * q_j = (1 - smoothing) w_t 1[j = t] + smoothing / classes w_j      t: the target, w: weight of a class
 * ```
 *
 * Since `d ln p_j / d logit_k = 1[j = k] - p_k`, the gradient is `dlogit_k = dy (p_k sum_j q_j - q_k)`. The probabilities
 * of the forward pass are kept for it, so that no exponential is computed twice. PyTorch's `cross_entropy` without a
 * reduction. The inputs are taken as they are: the loss `crossEntropy` checks them.
 *
 * - `logits` [..., classes], float32
 * - `target` [...], int32, from 0 to classes - 1, or `ignoreIndex`: loss and gradient are 0 then
 * - `weights` [classes], not differentiated
 */
export const softmaxCrossEntropy = defineOp({
  name: 'softmaxCrossEntropy',
  forward: (inputs: Inputs, attrs: CrossEntropyAttrs, save: (residuals: { p: Tensor }) => void) => {
    const logP = composedLogSoftmax(inputs.logits);
    const q = targetDistribution(inputs, attrs);
    save({ p: exp(logP) });
    // A class of no chance (logit -Infinity) costs nothing where no target asks for it.
    return neg(sum(where(notEqual(q, 0), mul(q, logP), zerosLike(q)), -1));
  },
  backward: ({ p, dy, logits, target, weights }, attrs) => ({
    logits: () => {
      const q = targetDistribution({ logits, target, weights }, attrs);
      const gradient = mul(sub(mul(p, sum(q, -1, true)), q), expandDims(dy, -1));
      return where(expandDims(notEqual(target, attrs.ignoreIndex), -1), gradient, zerosLike(gradient));
    },
  }),
  kernel: ({ logits, target, weights }, attrs, heap, save) => {
    const losses = heap.tensor(target.shape);
    const p = heap.tensor(logits.shape);
    save({ p });
    const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
    kernels
      .on(heap)
      .crossEntropy(
        at(logits),
        at(target),
        at(weights),
        at(losses),
        at(p),
        ...sizes(logits, target),
        ...numbers(attrs),
      );
    return losses;
  },
  backwardKernel: ({ p, dy, logits, target, weights }, attrs, heap) => ({
    logits: () => gradientKernel(heap, { p, dy, logits, target, weights }, attrs),
  }),
  supports: ({ logits, target, weights }) =>
    logits.dtype === 'float32' && target.dtype === 'int32' && (weights?.dtype ?? 'float32') === 'float32',
  error: '1e-6 relative',
});

function gradientKernel(
  heap: Heap,
  { p, dy, logits, target, weights }: Inputs & { p: Tensor; dy: Tensor },
  attrs: CrossEntropyAttrs,
): Tensor {
  const gradient = heap.tensor(logits.shape);
  const at = (tensor: Tensor | undefined) => (tensor === undefined ? 0 : heap.address(tensor));
  kernels
    .on(heap)
    .crossEntropyGradient(
      at(p),
      at(target),
      at(weights),
      at(dy),
      at(gradient),
      ...sizes(logits, target),
      ...numbers(attrs),
    );
  return gradient;
}

function sizes(logits: Tensor, target: Tensor): [rows: number, classes: number] {
  return [target.size, logits.shape.at(-1)!];
}

function numbers({ smoothing, ignoreIndex }: CrossEntropyAttrs): [smoothing: number, ignoreIndex: number] {
  return [smoothing, ignoreIndex];
}
