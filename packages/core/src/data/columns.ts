import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { ConfigError, ShapeError } from '../errors';
import {
  allocate,
  type BatchDtype,
  dtypeOf,
  isNdArray,
  isTypedArray,
  type NdArray,
  sizeOf,
  type TypedArray,
} from './nd-array';

/** One field of all examples: a typed array whose first axis counts the examples. */
export interface Column extends NdArray {
  /**
   * The dtype of the batch tensors.
   * @default 'float32' for floats and where `scale` is given, else 'int32'
   */
  readonly dtype?: BatchDtype;
  /**
   * A factor for every number, applied when a batch is made: pixels kept as bytes with `scale: 1 / 255` take a quarter
   * of the memory of floats.
   * @default 1
   */
  readonly scale?: number;
}

/** Fields by name: a column, or a bare typed array or list of numbers (float32) with one number an example. */
export type Columns = Readonly<Record<string, Column | TypedArray | readonly number[]>>;

/** One example of a table of columns: a number for a bare array, an array of the row's shape for a column. */
export type RowOf<C extends Columns> = {
  [F in keyof C]: C[F] extends TypedArray | readonly number[] ? number : NdArray;
};

interface Field {
  name: string;
  data: TypedArray;
  /** Whether examples show it as a number. */
  bare: boolean;
  rowShape: readonly number[];
  rowSize: number;
  dtype: BatchDtype;
  scale: number;
}

/**
 * Examples kept by column. Batches are gathered from the typed arrays straight into one array a field; no object an
 * example is made.
 */
export class ColumnTable<C extends Columns> {
  readonly length: number;
  readonly #fields: readonly Field[];

  /** @throws ShapeError where data and shape, or two columns, do not agree */
  constructor(columns: C) {
    const names = Object.keys(columns);
    if (names.length === 0) throw new ConfigError('Dataset.fromArrays', 'there are no columns', 'give at least one');
    this.#fields = names.map((name) => fieldOf(name, columns[name]!));
    const [first, ...others] = this.#fields.map((field) => field.data.length / (field.rowSize || 1));
    this.length = first!;
    if (others.some((length) => length !== first)) {
      throw new ShapeError(
        'Dataset.fromArrays',
        'the columns differ in the number of examples',
        this.#fields.map(({ name, data, rowShape, rowSize }) => ({
          label: name,
          shape: [data.length / (rowSize || 1), ...rowShape],
        })),
      );
    }
  }

  /** Example `i`. Arrays are views of the table unless scaled: do not write into them. */
  at(i: number): RowOf<C> {
    const row: Record<string, number | NdArray> = {};
    for (const { name, data, bare, rowShape, rowSize, scale } of this.#fields) {
      if (bare) {
        row[name] = data[i]! * scale;
      } else {
        const view = data.subarray(i * rowSize, (i + 1) * rowSize);
        row[name] = { data: scale === 1 ? view : Float32Array.from(view, (v) => v * scale), shape: rowShape };
      }
    }
    return row as RowOf<C>;
  }

  /** The batch of these examples. */
  gather(indices: Uint32Array): { [F in keyof C]: Tensor } {
    const batch: Record<string, Tensor> = {};
    for (const field of this.#fields) {
      batch[field.name] = tensor(gatherRows(field, indices), [indices.length, ...field.rowShape], field.dtype);
    }
    return batch as { [F in keyof C]: Tensor };
  }
}

function gatherRows({ data, rowSize, dtype, scale }: Field, indices: Uint32Array) {
  const out = allocate(dtype, indices.length * rowSize);
  let at = 0;
  if (rowSize === 1) {
    for (let i = 0; i < indices.length; i++) out[i] = data[indices[i]!]! * scale;
  } else if (scale === 1) {
    for (let i = 0; i < indices.length; i++, at += rowSize) {
      const start = indices[i]! * rowSize;
      out.set(data.subarray(start, start + rowSize), at);
    }
  } else {
    for (let i = 0; i < indices.length; i++) {
      const start = indices[i]! * rowSize;
      for (let j = start; j < start + rowSize; j++) out[at++] = data[j]! * scale;
    }
  }
  return out;
}

function fieldOf(name: string, column: Columns[string]): Field {
  if (isTypedArray(column) || !isNdArray(column)) {
    const data = isTypedArray(column) ? column : Float32Array.from(column);
    return { name, data, bare: true, rowShape: [], rowSize: 1, dtype: dtypeOf(data), scale: 1 };
  }
  const { data, shape, scale = 1 } = column;
  if (shape.length === 0 || sizeOf(shape) !== data.length) {
    throw new ShapeError(`Dataset.fromArrays, column '${name}'`, `the shape does not hold ${data.length} numbers`, [
      { label: name, shape },
    ]);
  }
  const rowShape = shape.slice(1);
  return {
    name,
    data,
    bare: false,
    rowShape,
    rowSize: sizeOf(rowShape),
    dtype: column.dtype ?? (scale === 1 ? dtypeOf(data) : 'float32'),
    scale,
  };
}
