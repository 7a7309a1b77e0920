/** Rows of numbers, row-major in float64. */
export interface Matrix {
  readonly data: Float64Array;
  /** Observations. */
  readonly rows: number;
  /** Features. */
  readonly columns: number;
  /** Names of the features, where the data came with names. */
  readonly names?: readonly string[];
  /** The axes of an observation, where it has more than one: `[height, width, channels]` of an image. */
  readonly axes?: readonly number[];
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { data: new Float64Array(rows * columns), rows, columns };
}

/** The rows from `from` to before `to`: a view, not a copy. */
export function sliceRows(matrix: Matrix, from: number, to: number): Matrix {
  const { data, columns } = matrix;
  return { data: data.subarray(from * columns, to * columns), rows: to - from, columns };
}

/** Some rows, copied. */
export function takeRows(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const { data, columns } = matrix;
  const taken = { ...matrix, data: new Float64Array(indices.length * columns), rows: indices.length };
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * columns;
    taken.data.set(data.subarray(start, start + columns), i * columns);
  }
  return taken;
}

/** One feature of all rows, copied. */
export function column({ data, rows, columns }: Matrix, feature: number): Float64Array {
  const values = new Float64Array(rows);
  for (let i = 0, at = feature; i < rows; i++, at += columns) values[i] = data[at]!;
  return values;
}
