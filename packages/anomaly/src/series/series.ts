import type { Matrix } from '../data/matrix';
import { type Rows, requireFinite, toMatrix } from '../data/rows';

/** A series, equally spaced in time: one number a time, or rows of features in order of time in any form of `Rows`. */
export type Series = ArrayLike<number> | Rows;

/** Numbers in order of time as rows of one feature; whatever is rows already stays as it is. */
export function asRows(x: Series): Rows {
  if (ArrayBuffer.isView(x)) {
    const values = Float64Array.from(x as unknown as Float64Array);
    return { data: values, shape: [values.length, 1] };
  }
  if (!Array.isArray(x) || x.length === 0 || (typeof x[0] === 'object' && x[0] !== null)) return x as Rows;
  return x.map((value: number) => [value]); // what is no number is refused with its place
}

/** A series as finite rows of float64. */
export function asSeries(x: Series, where: string): Matrix {
  const rows = toMatrix(asRows(x), where);
  requireFinite(rows, where);
  return rows;
}
