import { NumericsError } from '@dl/core';
import { type Matrix, takeRows } from '../data/matrix';

/** The rows without a hole; the same ones where none has any. */
export function completeRows(rows: Matrix): Matrix {
  const complete = indicesOfComplete(rows);
  return complete === undefined ? rows : takeRows(rows, complete);
}

/**
 * The rows without a hole, for a fit.
 *
 * @throws NumericsError where every row has one
 */
export function requireCompleteRows(rows: Matrix, where: string): Matrix {
  const complete = completeRows(rows);
  if (complete.rows > 0) return complete;
  throw new NumericsError(`${where}: each of the ${rows.rows} rows has a hole (NaN), and none is left to learn from`);
}

/**
 * What is computed of each row, NaN for a row with a hole.
 *
 * @param compute of rows without holes, `[rows * width]`
 * @param width numbers a row
 */
export function ofCompleteRows(rows: Matrix, compute: (rows: Matrix) => Float64Array, width = 1): Float64Array {
  const complete = indicesOfComplete(rows);
  if (complete === undefined) return compute(rows);
  const all = new Float64Array(rows.rows * width).fill(Number.NaN);
  if (complete.length === 0) return all;
  const computed = compute(takeRows(rows, complete));
  for (const [at, row] of complete.entries()) {
    all.set(computed.subarray(at * width, (at + 1) * width), row * width);
  }
  return all;
}

/** Undefined where all are. */
function indicesOfComplete({ data, rows, columns }: Matrix): Int32Array | undefined {
  if (!data.some(Number.isNaN)) return undefined;
  const complete: number[] = [];
  for (let i = 0; i < rows; i++) {
    if (!data.subarray(i * columns, (i + 1) * columns).some(Number.isNaN)) complete.push(i);
  }
  return Int32Array.from(complete);
}
