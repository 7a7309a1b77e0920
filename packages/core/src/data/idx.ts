import { FormatError } from '../errors';
import { type NdArray, sizeOf, type TypedArray } from './nd-array';

/** How the elements of each IDX type are read; numbers are big-endian. */
const TYPES: Readonly<Record<number, { bytes: number; read(view: DataView, count: number): TypedArray }>> = {
  8: { bytes: 1, read: (view, n) => new Uint8Array(view.buffer, view.byteOffset, n).slice() },
  9: { bytes: 1, read: (view, n) => new Int8Array(view.buffer, view.byteOffset, n).slice() },
  11: { bytes: 2, read: (view, n) => Int16Array.from({ length: n }, (_, i) => view.getInt16(2 * i)) },
  12: { bytes: 4, read: (view, n) => Int32Array.from({ length: n }, (_, i) => view.getInt32(4 * i)) },
  13: { bytes: 4, read: (view, n) => Float32Array.from({ length: n }, (_, i) => view.getFloat32(4 * i)) },
  14: { bytes: 8, read: (view, n) => Float64Array.from({ length: n }, (_, i) => view.getFloat64(8 * i)) },
};

/**
 * Reads a file of the IDX format, in which MNIST is given: two zero bytes, the type, the number of axes, their sizes,
 * the elements. Nothing is allocated before the sizes are seen to agree with the length of the file.
 *
 * @param bytes the file, unpacked
 * @param name named in errors
 * @throws FormatError where the file is of another format, truncated or too long
 */
export function readIdx(bytes: Uint8Array, name = 'IDX file'): NdArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (problem: string) => new FormatError(`${name}: ${problem}`);
  if (bytes.length < 4) throw fail(`${bytes.length} bytes are too few for an IDX header`);
  const type = TYPES[bytes[2]!];
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw fail(`starts with ${start}, which no IDX file does`);
  }
  const rank = bytes[3]!;
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw fail(`${bytes.length} bytes are too few for a header of ${rank} axes`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = header + sizeOf(shape) * type.bytes;
  if (bytes.length !== expected) {
    throw fail(`the header says [${shape}], which takes ${expected} bytes; the file has ${bytes.length}`);
  }
  const data = type.read(new DataView(bytes.buffer, bytes.byteOffset + header), sizeOf(shape));
  return { data, shape };
}
