import { ShapeError } from '../errors';

/** A typed array of numbers that a dataset can hold. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** Numbers with a shape, row-major, in JavaScript memory. */
export interface NdArray<D extends TypedArray = TypedArray> {
  readonly data: D;
  readonly shape: readonly number[];
}

/** Numbers in nested arrays, all rows of one length. */
export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

/** The dtype of a batch tensor. */
export type BatchDtype = 'float32' | 'int32' | 'bool';

/** Whether a value is a typed array. */
export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether a value is an array with a shape. */
export function isNdArray(value: unknown): value is NdArray {
  return typeof value === 'object' && value !== null && 'data' in value && 'shape' in value && isTypedArray(value.data);
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}

/** Floats become float32, integers int32, as in tfjs. */
export function dtypeOf(data: TypedArray): 'float32' | 'int32' {
  return data instanceof Float32Array || data instanceof Float64Array ? 'float32' : 'int32';
}

/** Memory for a tensor of this dtype. */
export function allocate(dtype: BatchDtype, size: number): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

/**
 * Any form of numbers as a typed array with a shape: a number, a boolean, a typed array, nested arrays (float32).
 *
 * @returns undefined for anything else
 * @throws ShapeError where nested arrays are ragged
 */
export function toNdArray(value: unknown): NdArray | undefined {
  if (typeof value === 'number') return { data: Float32Array.of(value), shape: [] };
  if (typeof value === 'boolean') return { data: Uint8Array.of(value ? 1 : 0), shape: [] };
  if (isTypedArray(value)) return { data: value, shape: [value.length] };
  if (isNdArray(value)) return value;
  if (!Array.isArray(value)) return undefined;
  const shape = nestedShape(value);
  if (shape === undefined) return undefined;
  const data = new Float32Array(sizeOf(shape));
  let at = 0;
  const copy = (part: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof part !== 'number') throw ragged(shape);
      data[at++] = part;
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) throw ragged(shape);
    for (const item of part) copy(item, axis + 1);
  };
  copy(value, 0);
  return { data, shape };
}

/** The shape that the first element of every level tells; undefined where its leaves are no numbers. */
function nestedShape(value: readonly unknown[]): number[] | undefined {
  const shape: number[] = [];
  let part: unknown = value;
  while (Array.isArray(part)) {
    shape.push(part.length);
    if (part.length === 0) return shape;
    part = (part as unknown[])[0];
  }
  return typeof part === 'number' ? shape : undefined;
}

function ragged(shape: readonly number[]): ShapeError {
  return new ShapeError(
    'data',
    'nested arrays whose rows differ in length or depth',
    [{ label: 'by the first row', shape }],
    'make all rows of one length, or pad sequences: batch(size, { collate: padCollate() })',
  );
}
