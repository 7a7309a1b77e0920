import { type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { Heap } from '../backend/heap';
import { kernels } from '../backend/kernels';
import { expectAxis } from './checks';

/**
 * Applies an op that works along the last axis to any axis, by swapping the two before and after.
 *
 * @throws ShapeError if there is no such axis
 */
export function alongLastAxis(where: string, x: Tensor, axis: number, op: (rows: Tensor) => Tensor): Tensor {
  const place = expectAxis(where, axis, x);
  if (place === x.rank - 1) return op(x);
  const order = x.shape.map((_, i) => i);
  [order[place], order[x.rank - 1]] = [x.rank - 1, place]; // its own inverse
  return transpose(op(transpose(x, order)), order);
}

/** Runs a kernel `(...inputs, output, rows, n)` over the rows, the last axis, of inputs of one shape. */
export function onRows(
  heap: Heap,
  name: 'logSoftmax' | 'logSoftmaxGradient' | 'softmaxGradient',
  inputs: readonly Tensor[],
): Tensor {
  const { shape, size } = inputs[0]!;
  const output = heap.tensor(shape);
  const n = shape.at(-1)!;
  const run: (...args: number[]) => void = kernels.on(heap)[name];
  if (size > 0) run(...inputs.map((tensor) => heap.address(tensor)), heap.address(output), size / n, n);
  return output;
}
