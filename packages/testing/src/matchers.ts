import { expect } from 'vitest';
import { type OracleTensor, oracleTolerance } from './oracle';

/** What can be compared: a tensor, or its shape and values. */
export interface Values {
  shape: readonly number[];
  /** The values, in order. */
  dataSync?(): ArrayLike<number>;
  data?: unknown;
}

/**
 * Expects a tensor to equal a golden one within the oracle's rule; integers and booleans exactly.
 *
 * @param actual the tensor computed
 * @param reference the golden tensor
 * @param noise the reference's own float32 error
 * @param what named in the message
 */
export function expectGolden(actual: Values, reference: OracleTensor, noise: number | undefined, what: string): void {
  expectClose(actual, reference, reference.dtype === 'f' ? oracleTolerance(reference, noise) : 0, what);
}

/** Expects equal shapes, and values that differ by at most `tolerance`; NaN equals NaN. Names the worst element. */
export function expectClose(actual: Values, expected: Values, tolerance: number, what = 'tensor'): void {
  expect(actual.shape, `${what}: shape`).toEqual(expected.shape);
  const a = valuesOf(actual);
  const b = valuesOf(expected);
  expect(a.length, `${what}: number of values`).toBe(b.length);
  let worst = -1;
  let error = tolerance;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (Object.is(x, y) || x === y) continue;
    const difference = Math.abs(x - y);
    if (!(difference <= error)) {
      worst = i;
      error = difference;
      if (Number.isNaN(difference)) break;
    }
  }
  if (worst >= 0) {
    expect.fail(
      `${what}: element ${worst} is ${a[worst]}, expected ${b[worst]}: off by ${error}, allowed ${tolerance}`,
    );
  }
}

function valuesOf(tensor: Values): ArrayLike<number> {
  return tensor.dataSync === undefined ? (tensor.data as ArrayLike<number>) : tensor.dataSync();
}
