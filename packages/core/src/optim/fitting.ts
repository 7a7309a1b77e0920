import type { Tensor } from '@tensorflow/tfjs-core';
import { DtypeError, ShapeError } from '../errors';

/** Refuses tensors other than float32, naming the parameter. */
export function requireFloat(where: string, name: string, what: string, tensor: Tensor): void {
  if (tensor.dtype !== 'float32') {
    throw new DtypeError(`${where}: the ${what} of '${name}' is ${tensor.dtype}; it must be float32`);
  }
}

/** Refuses another shape than that of the parameter. */
export function requireShape(
  where: string,
  name: string,
  what: string,
  given: readonly number[],
  expected: readonly number[],
): void {
  if (given.length !== expected.length || given.some((size, i) => size !== expected[i])) {
    throw new ShapeError(where, `the ${what} of '${name}' has another shape than the parameter`, [
      { label: 'parameter', shape: expected },
      { label: what, shape: given },
    ]);
  }
}
