import { cast, mul, type Tensor } from '@tensorflow/tfjs-core';
import { kernels } from '../backend/kernels';
import { expectFloat, expectSameShape } from '../ops/checks';
import { defineOp } from '../ops/define-op';
import { type Reduction, reduce, unknownReduction } from './loss';

/** A loss of single elements of prediction and target, which have one shape. */
interface PairLoss {
  name: string;
  /** Its code in `kernels/pair-losses.ts`. */
  code: number;
  /** The loss of each element, out of tfjs operations. */
  forward: (prediction: Tensor, target: Tensor, option: number) => Tensor;
  /** Its derivative by the prediction. */
  slope: (prediction: Tensor, target: Tensor, option: number) => Tensor;
  /** Its derivative by the target. */
  targetSlope: (prediction: Tensor, target: Tensor, option: number) => Tensor;
}

/**
 * Makes a loss of single elements, computed with its reduction in one kernel call, and its gradient in one more.
 *
 * @returns the loss as a function of prediction, target, reduction and its one option
 */
export function pairLoss({ name, code, forward, slope, targetSlope }: PairLoss) {
  const op = defineOp({
    name,
    forward: ({ p, t }: { p: Tensor; t: Tensor }, { reduction, option }: { reduction: Reduction; option: number }) =>
      reduce(name, forward(p, t, option), reduction),
    backward: ({ p, t, dy }, { reduction, option }) => {
      const upstream = () => (reduction === 'mean' ? mul(dy, 1 / p.size) : dy);
      return {
        p: () => mul(upstream(), slope(p, t, option)),
        t: () => mul(upstream(), targetSlope(p, t, option)),
      };
    },
    kernel: ({ p, t }, { reduction, option }, heap) => {
      const y = heap.tensor(reduction === 'none' ? p.shape : []);
      const addresses = [heap.address(p), heap.address(t), heap.address(y)] as const;
      if (reduction === 'none') kernels.on(heap).pairLoss(code, ...addresses, p.size, option);
      else kernels.on(heap).pairLossSum(code, ...addresses, p.size, option, reduction === 'mean' ? 1 / p.size : 1);
      return y;
    },
    backwardKernel: ({ p, t, dy }, { reduction, option }, heap) => ({
      p: () => {
        const dp = heap.tensor(p.shape);
        const scale = reduction === 'mean' ? 1 / p.size : 1;
        const addresses = [heap.address(p), heap.address(t), heap.address(dy), heap.address(dp)] as const;
        kernels.on(heap).pairLossGradient(code, ...addresses, p.size, option, scale, reduction === 'none' ? 1 : 0);
        return dp;
      },
      t: () => mul(reduction === 'mean' ? mul(dy, 1 / p.size) : dy, targetSlope(p, t, option)),
    }),
    saves: ['p', 't'],
    error: '1e-6 relative',
  });

  return (prediction: Tensor, target: Tensor, reduction: Reduction = 'mean', option = 0): Tensor => {
    const t = floatPair(name, prediction, target);
    if (reduction !== 'mean' && reduction !== 'sum' && reduction !== 'none') throw unknownReduction(name, reduction);
    return op({ p: prediction, t }, { reduction, option });
  };
}

/**
 * Expects a float prediction and a target of its shape; no broadcasting, which hides mistakes here.
 *
 * @returns the target as float32
 */
export function floatPair(where: string, prediction: Tensor, target: Tensor): Tensor {
  expectFloat(where, 'prediction', prediction);
  expectSameShape(where, { label: 'prediction', shape: prediction.shape }, { label: 'target', shape: target.shape });
  return target.dtype === 'float32' ? target : cast(target, 'float32');
}
