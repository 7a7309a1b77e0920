import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { ConfigError, FormatError } from '../errors';
import { readHeader, type TensorEntry } from './safetensors-header';
import { type StoredDtype, type StoredValues, storedTypes } from './stored-dtypes';

/** A tensor in a file. */
export interface StoredTensor {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /**
   * Its values, converted: F16 and BF16 to float32, 64-bit integers to int32. A fresh copy every time.
   *
   * @throws FormatError for a 64-bit integer that does not fit into 32 bits, and for a boolean that is neither 0 nor 1
   */
  data(): StoredValues;
  /**
   * The same as a tensor, which is yours to dispose of: float32 for every floating type, int32 for the integers, bool.
   *
   * @throws FormatError as `data()`, and for a U32 that does not fit into int32
   */
  tensor(): Tensor;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** The tensors by name, in the order of the data. */
  readonly tensors: Map<string, StoredTensor>;
  /** The texts by name that were saved beside them. */
  readonly metadata: Map<string, string>;
}

/** A tensor to be stored: values, and the type to store them in. */
export interface TensorSource {
  dtype: StoredDtype;
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** How tensors are stored. */
export interface EncodeOptions {
  /** The type that float32 tensors are stored in; F16 and BF16 round to nearest, ties to even. @default 'F32' */
  float?: 'F32' | 'F16' | 'BF16';
}

/**
 * Reads a safetensors file. Everything in it is checked before it is used; the values are copied when asked for.
 *
 * @param source the whole file; a Blob or File is read first
 * @throws FormatError naming the fault of a truncated, hostile or other file
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
 * import { Linear } from '@dl/core/nn';
 *
 * await init();
 * const model = new Linear({ in: 3, out: 2, key: key(0) });
 * const bytes = encodeSafetensors(model.stateDict(), { epoch: '3' }); // or of a file: await response.arrayBuffer()
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * metadata.get('epoch'); // '3'
 * using weight = tensors.get('weight')?.tensor();
 * ```
 */
export function decodeSafetensors(source: ArrayBuffer | Uint8Array): SafetensorsFile;
export function decodeSafetensors(source: Blob): Promise<SafetensorsFile>;
export function decodeSafetensors(source: ArrayBuffer | Uint8Array | Blob): SafetensorsFile | Promise<SafetensorsFile> {
  if (source instanceof Blob) return source.arrayBuffer().then((bytes) => decodeSafetensors(bytes));
  const file = source instanceof Uint8Array ? source : new Uint8Array(source);
  const { entries, metadata } = readHeader(file);
  return { tensors: new Map(entries.map((entry) => [entry.name, new Stored(file, entry)])), metadata };
}

class Stored implements StoredTensor {
  readonly #file: Uint8Array;
  readonly #entry: TensorEntry;

  constructor(file: Uint8Array, entry: TensorEntry) {
    this.#file = file;
    this.#entry = entry;
  }

  get dtype(): StoredDtype {
    return this.#entry.dtype;
  }

  get shape(): readonly number[] {
    return this.#entry.shape;
  }

  data(): StoredValues {
    const { name, type, begin, end } = this.#entry;
    try {
      return type.decode(new Uint8Array(this.#file.subarray(begin, end)).buffer); // copied: aligned, and nobody else's
    } catch (error) {
      throw error instanceof FormatError ? new FormatError(`tensor ${JSON.stringify(name)}: ${error.message}`) : error;
    }
  }

  tensor(): Tensor {
    const { name, dtype, type, shape } = this.#entry;
    const values = this.data();
    if (dtype === 'U32') {
      const large = values.find((value) => value >= 2 ** 31);
      if (large !== undefined) {
        throw new FormatError(`tensor ${JSON.stringify(name)}: ${large} does not fit into the int32 of a tensor`);
      }
    }
    const fitting =
      type.tensor === 'float32'
        ? Float32Array.from(values)
        : type.tensor === 'int32'
          ? Int32Array.from(values)
          : values;
    return tensor(fitting as Float32Array, shape as number[], type.tensor);
  }
}

/**
 * Writes a safetensors file, as the reference implementation does: the widest types first, then by name.
 *
 * @param tensors tensors, or values with the type to store them in, by name
 * @param metadata texts to save beside them
 * @throws ConfigError for a name that cannot be stored, or values that do not fit the shape or the type
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { encodeSafetensors } from '@dl/core/io';
 * import { Linear } from '@dl/core/nn';
 *
 * await init();
 * const model = new Linear({ in: 3, out: 2, key: key(0) });
 * const bytes = encodeSafetensors(model.stateDict(), { epoch: '3' });
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor | TensorSource>,
  metadata: Readonly<Record<string, string>> | ReadonlyMap<string, string> = {},
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts = [...tensors].map(([name, source]) => encodeOne(name, source, options.float ?? 'F32'));
  parts.sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));

  // Text by hand: an object would lose a tensor called __proto__.
  const fields: string[] = [];
  const texts = metadata instanceof Map ? [...metadata] : Object.entries(metadata as Record<string, string>);
  if (texts.length > 0) {
    const pairs = texts.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    fields.push(`"__metadata__":{${pairs.join(',')}}`);
  }
  let end = 0;
  for (const { name, dtype, shape, bytes } of parts) {
    const offsets = [end, end + bytes.byteLength];
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
    end += bytes.byteLength;
  }
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(text.length / 8) * 8; // padded with spaces: the data is aligned

  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setUint32(0, length, true);
  file.fill(0x20, 8, 8 + length);
  file.set(text, 8);
  let at = 8 + length;
  for (const { bytes } of parts) {
    file.set(new Uint8Array(bytes), at);
    at += bytes.byteLength;
  }
  return file;
}

function encodeOne(name: string, source: Tensor | TensorSource, float: 'F32' | 'F16' | 'BF16') {
  const where = `safetensors: tensor ${JSON.stringify(name)}`;
  if (name === '__metadata__') throw new ConfigError(where, 'the name belongs to the format', 'choose another');
  const { dtype, shape, data } = isTensor(source) ? valuesOf(where, source, float) : source;
  const type = storedTypes.get(dtype);
  if (type === undefined) {
    throw new ConfigError(
      where,
      `the dtype '${dtype}' is not known`,
      `known are ${[...storedTypes.keys()].join(', ')}`,
    );
  }
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new ConfigError(where, `${data.length} values for the shape [${shape.join(', ')}]`);
  }
  try {
    return { name, dtype, shape, width: type.bytes, bytes: type.encode(data) };
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(where, error.message) : error;
  }
}

function isTensor(source: Tensor | TensorSource): source is Tensor {
  return 'dataSync' in source;
}

function valuesOf(where: string, source: Tensor, float: 'F32' | 'F16' | 'BF16'): TensorSource {
  const dtype = { float32: float, int32: 'I32', bool: 'BOOL' }[source.dtype as string] as StoredDtype | undefined;
  if (dtype === undefined) throw new ConfigError(where, `a tensor of ${source.dtype} cannot be stored`);
  return { dtype, shape: source.shape, data: source.dataSync() };
}
