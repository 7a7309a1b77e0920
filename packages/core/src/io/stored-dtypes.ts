import type { DataType } from '@tensorflow/tfjs-core';
import { ConfigError, FormatError } from '../errors';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-floats';

/** The types of number that a safetensors file may hold and this package reads. */
export type StoredDtype =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

/** The values of a stored tensor: of its own type, or of the next wider one that JavaScript has. */
export type StoredValues =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** How a type is stored. */
export interface StoredType {
  /** Bytes of one value. */
  readonly bytes: number;
  /** The type of the tensor made of it. */
  readonly tensor: DataType;
  /** Values from their bytes, which are not shared with anybody and aligned. */
  decode(bytes: ArrayBuffer): StoredValues;
  /** Bytes of values. */
  encode(values: ArrayLike<number>): ArrayBuffer;
}

const [INT32_MIN, INT32_MAX] = [-(2 ** 31), 2 ** 31 - 1];

/** All types, by their names in the file. */
export const storedTypes: ReadonlyMap<string, StoredType> = new Map<StoredDtype, StoredType>([
  ['F64', plain(Float64Array, 'float32')],
  ['F32', plain(Float32Array, 'float32')],
  ['F16', half(fromFloat16, toFloat16)],
  ['BF16', half(fromBfloat16, toBfloat16)],
  ['I64', wide((bytes) => new BigInt64Array(bytes), INT32_MIN)],
  ['I32', integers(Int32Array, INT32_MIN, INT32_MAX)],
  ['I16', integers(Int16Array, -(2 ** 15), 2 ** 15 - 1)],
  ['I8', integers(Int8Array, -128, 127)],
  ['U64', wide((bytes) => new BigUint64Array(bytes), 0)],
  ['U32', integers(Uint32Array, 0, 2 ** 32 - 1)],
  ['U16', integers(Uint16Array, 0, 2 ** 16 - 1)],
  ['U8', integers(Uint8Array, 0, 255)],
  ['BOOL', booleans()],
]);

interface ArrayType<T extends StoredValues> {
  readonly BYTES_PER_ELEMENT: number;
  new (source: ArrayBuffer | ArrayLike<number>): T;
}

function plain<T extends StoredValues>(ArrayOf: ArrayType<T>, tensor: DataType): StoredType {
  return {
    bytes: ArrayOf.BYTES_PER_ELEMENT,
    tensor,
    decode: (bytes) => new ArrayOf(bytes),
    encode: (values) => new ArrayOf(values).buffer,
  };
}

function integers<T extends StoredValues>(ArrayOf: ArrayType<T>, low: number, high: number): StoredType {
  const type = plain(ArrayOf, 'int32');
  return { ...type, encode: (values) => type.encode(requireIntegers(values, low, high)) };
}

/** 64-bit integers: JavaScript's numbers and tensors hold those that fit into 32 bits. */
function wide(view: (bytes: ArrayBuffer) => BigInt64Array | BigUint64Array, low: number): StoredType {
  return {
    bytes: 8,
    tensor: 'int32',
    decode: (bytes) =>
      Int32Array.from(view(bytes), (value) => {
        if (value < BigInt(INT32_MIN) || value > BigInt(INT32_MAX)) {
          throw new FormatError(`the 64-bit integer ${value} does not fit into the 32 bits of a tensor`);
        }
        return Number(value);
      }),
    encode(values) {
      requireIntegers(values, low, INT32_MAX);
      const words = view(new ArrayBuffer(values.length * 8));
      for (let i = 0; i < values.length; i++) words[i] = BigInt(values[i]!);
      return words.buffer as ArrayBuffer;
    },
  };
}

function booleans(): StoredType {
  return {
    bytes: 1,
    tensor: 'bool',
    decode(bytes) {
      const values = new Uint8Array(bytes);
      const odd = values.find((value) => value > 1);
      if (odd !== undefined) throw new FormatError(`a boolean is stored as ${odd}, which is neither 0 nor 1`);
      return values;
    },
    encode: (values) => Uint8Array.from(values, (value) => (value ? 1 : 0)).buffer,
  };
}

function half(
  decode: (halves: Uint16Array) => StoredValues,
  encode: (values: ArrayLike<number>) => Uint16Array<ArrayBuffer>,
): StoredType {
  return {
    bytes: 2,
    tensor: 'float32',
    decode: (bytes) => decode(new Uint16Array(bytes)),
    encode: (values) => encode(values).buffer,
  };
}

function requireIntegers(values: ArrayLike<number>, low: number, high: number): ArrayLike<number> {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new ConfigError(
        'safetensors',
        `value ${i} is ${value}`,
        `this dtype holds integers from ${low} to ${high}`,
      );
    }
  }
  return values;
}
