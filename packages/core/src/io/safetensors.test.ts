import { memory, scalar, tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, FormatError } from '../errors';
import { decodeSafetensors, encodeSafetensors, type TensorSource } from './safetensors';
import type { StoredDtype } from './stored-dtypes';

beforeAll(async () => {
  await init();
});

/** A file from a header as text and its data. */
function file(header: string, data: ArrayLike<number> = [], claimed?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const four = [0, 0, 128, 63]; // 1 as F32

test('reads a file written by hand, with padding and metadata', () => {
  const bytes = file(
    '{"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[1],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   ',
    [...four, 255, 255, 255, 255, 255, 255, 255, 255],
  );
  const { tensors, metadata } = decodeSafetensors(bytes);
  expect([...tensors.keys()]).toEqual(['a', 'b']);
  expect([...metadata]).toEqual([['format', 'pt']]);
  expect(tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [] });
  expect([...tensors.get('a')!.data()]).toEqual([1]);
  expect([...tensors.get('b')!.data()]).toEqual([-1]);
});

test('writes what the reference implementation writes, byte for byte', () => {
  const bytes = encodeSafetensors(
    new Map<string, TensorSource>([
      ['u', { dtype: 'U8', shape: [3], data: [1, 2, 3] }],
      ['w', { dtype: 'F32', shape: [1], data: [1] }],
      ['d', { dtype: 'F64', shape: [0, 2], data: [] }],
    ]),
    { k: 'v' },
  );
  const header =
    '{"__metadata__":{"k":"v"},"d":{"dtype":"F64","shape":[0,2],"data_offsets":[0,0]},' +
    '"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"u":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}';
  expect(Buffer.from(bytes)).toEqual(
    Buffer.from(file(header.padEnd(Math.ceil(header.length / 8) * 8), [...four, 1, 2, 3])),
  );
});

test('tensors of every type of tfjs come back as they were, and nothing is left behind', () => {
  const before = memory().numTensors;
  const given = new Map([
    ['float', tensor([1.5, -2, Number.NaN, Infinity], [2, 2])],
    ['int', tensor([1, -2, 2 ** 31 - 1], [3], 'int32')],
    ['bool', tensor([true, false], [1, 2], 'bool')],
    ['scalar', scalar(7)],
    ['__proto__', tensor([3])],
    ['constructor', tensor([4])],
    ['층.무게 🎉 "\\', tensor([5])],
    ['', tensor([6])],
  ]);
  const { tensors } = decodeSafetensors(encodeSafetensors(given));
  expect(new Set(tensors.keys())).toEqual(new Set(given.keys()));
  for (const [name, before] of given) {
    const after = tensors.get(name)!.tensor();
    expect([after.dtype, after.shape]).toEqual([before.dtype, before.shape]);
    expect(after.dataSync()).toEqual(before.dataSync());
    after.dispose();
    before.dispose();
  }
  expect(memory().numTensors).toBe(before);
});

test('half precision rounds on the way out', () => {
  const source = new Map([['x', tensor([1 + 2 ** -11, 1 + 2 ** -9 + 2 ** -11, 65504])]]);
  const half = decodeSafetensors(encodeSafetensors(source, {}, { float: 'F16' })).tensors.get('x')!;
  expect([half.dtype, ...half.data()]).toEqual(['F16', 1, 1 + 2 ** -9, 65504]);
  const brain = decodeSafetensors(encodeSafetensors(source, {}, { float: 'BF16' })).tensors.get('x')!;
  expect([brain.dtype, ...brain.data()]).toEqual(['BF16', 1, 1, 65536]);
});

test('a Blob is read', async () => {
  const { tensors } = await decodeSafetensors(new Blob([encodeSafetensors(new Map([['x', tensor([2])]]))]));
  expect([...tensors.get('x')!.data()]).toEqual([2]);
  await expect(decodeSafetensors(new Blob(['x']))).rejects.toThrow(FormatError);
});

const one = (fields: string) => `{"a":{${fields}}}`;
const nine = Array.from({ length: 9 }, () => 0);
test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /0 bytes/],
  ['seven bytes', new Uint8Array(7), /7 bytes/],
  ['a header longer than the file', file('{}', [], 3n), /claims 3 bytes.*the file has 2/],
  ['a header of 2^63 bytes', file('{}', [], 2n ** 63n), /claims 9223372036854775808 bytes, allowed/],
  ['a header over the limit', file('{}', [], 100_000_001n), /claims 100000001 bytes, allowed/],
  ['an empty header', file('', [1]), /start with '\{'/],
  ['a list', file('[]'), /start with '\{'/],
  ['a byte order mark', file('\ufeff{}'), /start with '\{'/],
  ['no UTF-8', file('{"a":1}').map((byte) => (byte === 0x61 ? 0xff : byte)), /not UTF-8/],
  ['no JSON', file('{"a":}'), /not JSON/],
  ['text after the object', file('{}{}'), /not JSON/],
  ['an open string', file('{"a'), /not JSON/],
  [
    'a name given twice',
    file(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      [1],
    ),
    /"a" is given twice/,
  ],
  [
    'a name given twice, once escaped',
    file(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061" :{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      [1],
    ),
    /"a" is given twice/,
  ],
  [
    'a field given twice',
    file(one('"dtype":"U8","shape":[1],"shape":[0],"data_offsets":[0,1]'), [1]),
    /"shape" is given twice/,
  ],
  ['deep nesting', file(`{"a":${'['.repeat(100_000)}`), /nested/],
  ['metadata that is no object', file('{"__metadata__":[]}'), /__metadata__ is not/],
  ['metadata that is no text', file('{"__metadata__":{"k":1}}'), /holds number/],
  ['a tensor that is no object', file('{"a":null}'), /not described/],
  [
    'an unknown type',
    file(one('"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]'), [1]),
    /dtype "F8_E4M3"; known are F64/,
  ],
  [
    'a type from the prototype',
    file(one('"dtype":"toString","shape":[1],"data_offsets":[0,1]'), [1]),
    /dtype "toString"/,
  ],
  ['no type', file(one('"shape":[1],"data_offsets":[0,1]'), [1]), /dtype nothing/],
  ['a negative size', file(one('"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]'), [1]), /shape \[-1,-1\]/],
  ['a fractional size', file(one('"dtype":"U8","shape":[0.5,2],"data_offsets":[0,1]'), [1]), /shape \[0.5,2\]/],
  ['a size beyond counting', file(one('"dtype":"U8","shape":[1e300],"data_offsets":[0,1]'), [1]), /shape/],
  [
    'a shape whose product overflows',
    file(one('"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]')),
    /more than can be counted/,
  ],
  ['a shape of text', file(one('"dtype":"U8","shape":"1","data_offsets":[0,1]'), [1]), /not a list of sizes/],
  ['offsets of three', file(one('"dtype":"U8","shape":[1],"data_offsets":[0,1,2]'), [1]), /not two places/],
  ['a negative offset', file(one('"dtype":"U8","shape":[1],"data_offsets":[-1,0]'), [1]), /not two places/],
  [
    'offsets the wrong way round',
    file(one('"dtype":"U8","shape":[1],"data_offsets":[1,0]'), [1]),
    /takes 1 bytes, its data_offsets span -1/,
  ],
  [
    'offsets that do not fit the type',
    file(one('"dtype":"F32","shape":[2],"data_offsets":[0,4]'), four),
    /takes 8 bytes.*span 4/,
  ],
  ['a tensor past the end', file(one('"dtype":"F32","shape":[1],"data_offsets":[0,4]'), [1]), /3 bytes after the end/],
  [
    'a shape of gigabytes',
    file(one('"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]'), [1]),
    /after the end/,
  ],
  [
    'an overlap',
    file(
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
      [1, 2, 3],
    ),
    /"b" overlaps/,
  ],
  [
    'a hole',
    file(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}',
      [1, 2, 3],
    ),
    /"b" leaves a hole of 1 bytes/,
  ],
  ['a hole at the start', file(one('"dtype":"U8","shape":[1],"data_offsets":[8,9]'), nine), /hole of 8/],
  ['bytes after the data', file(one('"dtype":"U8","shape":[1],"data_offsets":[0,1]'), [1, 2]), /1 bytes at its end/],
])('%s is refused', (_, bytes, message) => {
  expect(() => decodeSafetensors(bytes)).toThrow(FormatError);
  expect(() => decodeSafetensors(bytes)).toThrow(message);
});

test('messages stay short whatever the file holds', () => {
  const name = 'x'.repeat(1_000_000);
  try {
    decodeSafetensors(file(`{"${name}":1}`));
    expect.fail('not refused');
  } catch (error) {
    expect((error as Error).message.length).toBeLessThan(300);
  }
});

test('values that have no place in a tensor are refused when they are read', () => {
  const read = (dtype: StoredDtype, data: number[]) =>
    decodeSafetensors(file(one(`"dtype":"${dtype}","shape":[1],"data_offsets":[0,${data.length}]`), data)).tensors.get(
      'a',
    )!;
  expect(() => read('I64', [0, 0, 0, 0, 1, 0, 0, 0]).data()).toThrow(/"a": the 64-bit integer 4294967296/);
  expect(() => read('U64', [0, 0, 0, 128, 0, 0, 0, 0]).tensor()).toThrow(/2147483648/);
  expect(() => read('U32', [0, 0, 0, 128]).tensor()).toThrow(/2147483648/);
  expect([...read('U32', [0, 0, 0, 128]).data()]).toEqual([2147483648]);
  expect(() => read('BOOL', [2]).data()).toThrow(/stored as 2/);
});

test('what cannot be stored is refused', () => {
  const store = (source: TensorSource, name = 'a') => encodeSafetensors(new Map([[name, source]]));
  expect(() => store({ dtype: 'U8', shape: [1], data: [256] })).toThrow(ConfigError);
  expect(() => store({ dtype: 'I32', shape: [1], data: [0.5] })).toThrow(/value 0 is 0.5/);
  expect(() => store({ dtype: 'I64', shape: [1], data: [2 ** 31] })).toThrow(ConfigError);
  expect(() => store({ dtype: 'F32', shape: [2], data: [1] })).toThrow(/1 values for the shape \[2\]/);
  expect(() => store({ dtype: 'F32', shape: [1], data: [1] }, '__metadata__')).toThrow(/belongs to the format/);
  expect(() => store({ dtype: 'F8' as StoredDtype, shape: [1], data: [1] })).toThrow(/'F8' is not known/);
});

const integers = (min: number, max: number) => fc.integer({ min, max });
const values: Record<StoredDtype, fc.Arbitrary<number>> = {
  F64: fc.double(),
  F32: fc.float(),
  F16: fc.constantFrom(0, 1, -2.5, 2 ** -24, Infinity),
  BF16: fc.constantFrom(0, 1, -2.5, 2 ** 100, Infinity),
  I64: integers(-(2 ** 31), 2 ** 31 - 1),
  I32: integers(-(2 ** 31), 2 ** 31 - 1),
  I16: integers(-(2 ** 15), 2 ** 15 - 1),
  I8: integers(-128, 127),
  U64: integers(0, 2 ** 31 - 1),
  U32: integers(0, 2 ** 32 - 1),
  U16: integers(0, 65535),
  U8: integers(0, 255),
  BOOL: integers(0, 1),
};
const sources = fc
  .constantFrom(...(Object.keys(values) as StoredDtype[]))
  .chain((dtype) => fc.tuple(fc.constant(dtype), fc.array(integers(0, 3), { maxLength: 4 })))
  .chain(([dtype, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc.record({
      dtype: fc.constant(dtype),
      shape: fc.constant(shape),
      data: fc.array(values[dtype], { minLength: size, maxLength: size }),
    });
  });
const names = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'toString', 'a.weight', '0'));
const files = fc
  .array(fc.tuple(names, sources), { maxLength: 5 })
  .map((entries) => new Map(entries.filter(([name]) => name !== '__metadata__')));

test('any file comes back as it was written', () => {
  fc.assert(
    fc.property(files, fc.dictionary(names, fc.string()), (tensors, metadata) => {
      const read = decodeSafetensors(encodeSafetensors(tensors, metadata));
      expect(read.metadata).toEqual(new Map(Object.entries(metadata)));
      expect(read.tensors.size).toBe(tensors.size);
      for (const [name, { dtype, shape, data }] of tensors) {
        const stored = read.tensors.get(name)!;
        expect([stored.dtype, stored.shape]).toEqual([dtype, shape]);
        expect([...stored.data()]).toEqual(dtype === 'F32' ? [...Float32Array.from(data)] : data);
      }
    }),
    { numRuns: 200 },
  );
});

const edits = fc.array(
  fc.record({ at: fc.nat(), kind: fc.constantFrom('set', 'insert', 'remove', 'cut', 'digit'), byte: integers(0, 255) }),
  { minLength: 1, maxLength: 4 },
);

test('a damaged file is refused or read, and never anything else', () => {
  let [refused, read] = [0, 0];
  fc.assert(
    fc.property(files, fc.dictionary(names, fc.string()), edits, (tensors, metadata, changes) => {
      const bytes = [...encodeSafetensors(tensors, metadata)];
      for (const { at, kind, byte } of changes) {
        const place = at % (bytes.length + 1);
        if (kind === 'set') bytes[place] = byte;
        else if (kind === 'insert') bytes.splice(place, 0, byte);
        else if (kind === 'remove') bytes.splice(place, 1);
        else if (kind === 'cut') bytes.length = Math.min(bytes.length, Math.max(place, bytes.length - 20));
        else {
          // A digit of the header becomes another: offsets and shapes that lie.
          const digit = bytes.findIndex((b, i) => i >= Math.max(8, place) && b >= 48 && b <= 57);
          if (digit >= 0) bytes[digit] = 48 + (byte % 10);
        }
      }
      const before = process.memoryUsage().arrayBuffers;
      try {
        const file = decodeSafetensors(Uint8Array.from(bytes));
        let size = 0;
        for (const stored of file.tensors.values()) size += stored.data().length;
        expect(size).toBeLessThanOrEqual(bytes.length);
        read++;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        refused++;
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    }),
    { numRuns: 3000 },
  );
  expect(refused).toBeGreaterThan(500);
  expect(read).toBeGreaterThan(20);
});
