import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, DtypeError, type NamedShape, ShapeError } from '../errors';

// What ops and losses check before anything runs. Each returns or throws an error that names the op.

/** Expects a tensor of float32. */
export function expectFloat(where: string, label: string, tensor: Tensor): void {
  if (tensor.dtype !== 'float32') {
    throw new DtypeError(`${where}: the ${label} is ${tensor.dtype}, float32 is needed: cast(x, 'float32')`);
  }
}

/** The place of an axis counted from the front; a negative one counts from the end. */
export function expectAxis(where: string, axis: number, tensor: Tensor): number {
  const place = axis < 0 ? axis + tensor.rank : axis;
  if (!Number.isInteger(axis) || place < 0 || place >= tensor.rank) {
    throw new ShapeError(where, `the input has no axis ${axis}`, [{ label: 'input', shape: tensor.shape }]);
  }
  return place;
}

/** Expects equal shapes. */
export function expectSameShape(where: string, a: NamedShape, b: NamedShape): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(where, `the ${a.label} and the ${b.label} have different shapes`, [a, b]);
  }
}

/** Expects a tensor of the given shape, as a weight has it. */
export function expectShape(where: string, label: string, tensor: Tensor, shape: readonly number[], given: NamedShape) {
  if (!sameShape(tensor.shape, shape)) {
    throw new ShapeError(where, `the ${label} has shape [${tensor.shape}], [${shape}] is needed`, [
      given,
      { label, shape: tensor.shape },
    ]);
  }
}

/** Expects a number from `low` to `high`, both included. */
export function expectRange(where: string, option: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new ConfigError(where, `${option} is ${value}, it must be from ${low} to ${high}`);
  }
}

/** Whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
