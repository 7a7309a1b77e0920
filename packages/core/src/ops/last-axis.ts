import { type Tensor, transpose } from '@tensorflow/tfjs-core';
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
