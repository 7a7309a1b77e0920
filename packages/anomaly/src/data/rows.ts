import { DtypeError, NumericsError, ShapeError } from '@dl/core';
import type { NdArray, TypedArray } from '@dl/core/data';
import type { Tensor } from '@dl/core/ops';
import type { Matrix } from './matrix';

/** Rows of which only what is not zero is stored, in compressed sparse rows: scipy's `csr_matrix`. */
export interface SparseRows {
  /** The numbers, row by row. */
  readonly data: ArrayLike<number>;
  /** The feature of each number. */
  readonly indices: ArrayLike<number>;
  /** Where each row begins in `data`; one more at the end. */
  readonly indptr: ArrayLike<number>;
  readonly shape: readonly number[];
}

/**
 * Observations, in whatever form they are at hand:
 * - numbers with a shape, `{ data: Float32Array, shape: [rows, features] }`
 * - an array of rows, each an array or typed array of numbers
 * - an array of objects, or an object of columns, whose keys name the features: `{ height: [...], weight: [...] }`
 * - a tensor `[rows, features]`
 * - sparse rows
 */
export type Rows =
  | NdArray
  | readonly ArrayLike<number>[]
  | readonly Readonly<Record<string, number>>[]
  | Readonly<Record<string, ArrayLike<number>>>
  | Tensor
  | SparseRows;

/**
 * Any form of observations as rows of float64.
 *
 * @param input the observations
 * @param where the detector, for messages
 * @param names names of the features that columns are to be in the order of, where a detector was fitted with names
 * @param shaped whether tensors, and numbers with a shape, may have further axes, as images have
 * @throws ShapeError for one axis or three, ragged rows, no rows or no features
 * @throws DtypeError for anything that is no number
 */
export function toMatrix(input: Rows, where: string, names?: readonly string[], shaped = false): Matrix {
  const matrix = read(input, where, names, shaped);
  if (matrix.rows === 0 || matrix.columns === 0) {
    const [what, shape] = [matrix.rows === 0 ? 'sample' : 'feature', `(${matrix.rows}, ${matrix.columns})`];
    throw new ShapeError(
      where,
      `Found array with 0 ${what}(s) (shape=${shape}) while a minimum of 1 is required by ${where}`,
    );
  }
  return matrix;
}

function read(input: Rows, where: string, names: readonly string[] | undefined, shaped: boolean): Matrix {
  if (typeof input !== 'object' || input === null) throw notRows(where, typeof input);
  if (isTensor(input)) return fromTensor(input, where, shaped);
  if (isSparse(input)) return fromSparse(input, where);
  if (isNdArray(input)) return fromNdArray(input, where, shaped);
  if (isTypedArray(input)) throw oneAxis(where, input.length);
  if (!Array.isArray(input)) return fromColumns(input as Record<string, ArrayLike<number>>, where, names);
  if (input.length === 0) return { data: new Float64Array(0), rows: 0, columns: 0 };
  const first: unknown = input[0];
  if (isList(first)) return fromLists(input as ArrayLike<number>[], where);
  if (typeof first === 'object' && first !== null) {
    return fromRecords(input as Record<string, number>[], where, names);
  }
  throw oneAxis(where, input.length);
}

function fromTensor(tensor: Tensor, where: string, shaped: boolean): Matrix {
  if (tensor.dtype === 'complex64' || tensor.dtype === 'string') {
    throw new DtypeError(`${where}: Complex data not supported, nor text: the tensor is of ${tensor.dtype}`);
  }
  return fromNdArray({ data: tensor.dataSync(), shape: tensor.shape }, where, shaped);
}

function fromNdArray({ data, shape }: NdArray, where: string, shaped: boolean): Matrix {
  if (shaped && shape.length > 2) {
    const axes = shape.slice(1);
    return { ...fromNdArray({ data, shape: [shape[0]!, axes.reduce((a, b) => a * b)] }, where, false), axes };
  }
  if (shape.length === 1) throw oneAxis(where, shape[0]!);
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length !== 2 || size !== data.length || !shape.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(
      where,
      shape.length === 2
        ? `the shape holds ${size} numbers, there are ${data.length}`
        : `Expected 2D array, got ${shape.length}D array instead`,
      [{ label: 'X', shape }],
      shape.length > 2 ? 'one row an observation: { data, shape: [rows, features] }' : undefined,
    );
  }
  return { data: data instanceof Float64Array ? data : new Float64Array(data), rows: shape[0]!, columns: shape[1]! };
}

function fromLists(lists: readonly ArrayLike<number>[], where: string): Matrix {
  const [rows, columns] = [lists.length, lists[0]!.length];
  const data = new Float64Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++) {
    const row: unknown = lists[i];
    if (!isList(row) || row.length !== columns) {
      const length = isList(row) ? `${row.length} numbers` : 'no list of numbers';
      throw new ShapeError(where, `row ${i} has ${length}, row 0 has ${columns}`);
    }
    for (let j = 0; j < columns; j++) data[at++] = number(row[j], where, i, `column ${j}`);
  }
  return { data, rows, columns };
}

function fromRecords(
  records: readonly Record<string, number>[],
  where: string,
  expected: readonly string[] | undefined,
): Matrix {
  const names = namesInOrder(Object.keys(records[0]!), where, expected);
  const data = new Float64Array(records.length * names.length);
  let at = 0;
  for (const [i, record] of records.entries()) {
    for (const name of names) {
      if (record === null || typeof record !== 'object' || !Object.hasOwn(record, name)) {
        throw new ShapeError(where, `row ${i} has no feature '${name}', which row 0 has`);
      }
      data[at++] = number(record[name], where, i, `'${name}'`);
    }
  }
  return { data, rows: records.length, columns: names.length, names };
}

function fromColumns(
  columns: Readonly<Record<string, ArrayLike<number>>>,
  where: string,
  expected: readonly string[] | undefined,
): Matrix {
  const names = namesInOrder(Object.keys(columns), where, expected);
  for (const name of names) if (!isList(columns[name])) throw notRows(where, `an object whose '${name}' is no list`);
  const rows = names.length === 0 ? 0 : columns[names[0]!]!.length;
  const data = new Float64Array(rows * names.length);
  for (const [j, name] of names.entries()) {
    const values = columns[name]!;
    if (values.length !== rows) {
      throw new ShapeError(where, `column '${name}' has ${values.length} rows, '${names[0]!}' has ${rows}`);
    }
    for (let i = 0; i < rows; i++) data[i * names.length + j] = number(values[i], where, i, `'${name}'`);
  }
  return { data, rows, columns: names.length, names };
}

/** Columns are matched by name: the order that the detector was fitted with, whatever the order of the keys. */
function namesInOrder(given: string[], where: string, expected: readonly string[] | undefined): readonly string[] {
  if (expected === undefined) return given;
  const missing = expected.filter((name) => !given.includes(name));
  const unseen = given.filter((name) => !expected.includes(name));
  if (missing.length > 0 || unseen.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
      ...(unseen.length > 0 ? [`not seen at fit time: ${unseen.join(', ')}`] : []),
    ];
    throw new ShapeError(
      where,
      `The feature names should match those that were passed during fit (${parts.join('; ')})`,
    );
  }
  return expected;
}

function fromSparse({ data, indices, indptr, shape }: SparseRows, where: string): Matrix {
  const [rows, columns] = shape as [number, number];
  const wrong = (what: string) => new ShapeError(where, `the sparse rows do not fit together: ${what}`);
  if (shape.length !== 2 || !shape.every((n) => Number.isInteger(n) && n >= 0)) throw wrong('the shape is not 2D');
  if (indptr.length !== rows + 1 || indices.length !== data.length) {
    throw wrong(`${indptr.length} row starts for ${rows} rows, ${indices.length} indices for ${data.length} numbers`);
  }
  const dense = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const [from, to] = [indptr[i]!, indptr[i + 1]!];
    if (!(from >= 0 && from <= to && to <= data.length)) throw wrong(`row ${i} lies from ${from} to ${to}`);
    for (let at = from; at < to; at++) {
      const j = indices[at]!;
      if (!(Number.isInteger(j) && j >= 0 && j < columns)) throw wrong(`row ${i} has a number in column ${j}`);
      dense[i * columns + j]! += number(data[at], where, i, `column ${j}`); // repeated entries add up, as in scipy
    }
  }
  return { data: dense, rows, columns };
}

function number(value: unknown, where: string, row: number, place: string): number {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return Number.NaN; // a hole is a missing value
  if (typeof value === 'boolean') return Number(value);
  throw new DtypeError(
    `${where}: row ${row}, ${place} is ${typeof value === 'string' ? JSON.stringify(value) : `a ${typeof value}`}, not a number`,
  );
}

/**
 * Refuses what is not finite.
 *
 * @throws NumericsError with row and column
 */
export function requireFinite({ data, columns }: Matrix, where: string, allowNaN = false): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value - value === 0 || (allowNaN && Number.isNaN(value))) continue;
    const what = Number.isNaN(value) ? 'NaN' : 'infinity';
    throw new NumericsError(
      `${where}: Input X contains ${what} (row ${Math.floor(i / columns)}, column ${i % columns})` +
        (what === 'NaN' ? "; set missing: 'impute' to put the median of the training data in its place" : ''),
    );
  }
}

/**
 * Refuses another number of features than at the fit.
 *
 * @throws ShapeError with both numbers
 */
export function requireColumns({ rows, columns }: Matrix, where: string, expected: number): void {
  if (columns === expected) return;
  throw new ShapeError(where, `X has ${columns} features, but ${where} is expecting ${expected} features as input`, [
    { label: 'X', shape: [rows, columns], axes: ['rows', 'features'] },
  ]);
}

function oneAxis(where: string, length: number): ShapeError {
  return new ShapeError(
    where,
    'Expected 2D array, got 1D array instead',
    [{ label: 'X', shape: [length] }],
    'one row an observation: x.map((value) => [value]) for a single feature, [x] for a single observation',
  );
}

function notRows(where: string, what: string): DtypeError {
  return new DtypeError(`${where}: X is ${what}; give rows of numbers, columns by name, { data, shape } or a tensor`);
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isTypedArray(value);
}

function isTensor(value: object): value is Tensor {
  return 'dataId' in value && 'dataSync' in value;
}

function isSparse(value: object): value is SparseRows {
  return 'indptr' in value && 'indices' in value && 'shape' in value;
}

function isNdArray(value: object): value is NdArray {
  return 'data' in value && 'shape' in value && isTypedArray(value.data) && Array.isArray(value.shape);
}
