import type * as Data from 'dl:data';

/** Reads one of the site's static files, by its name below `data/`. */
export type ReadFile = (name: string) => Promise<ArrayBuffer>;

/** The module `dl:data` over a way to read the site's files. */
export function dataFrom(read: ReadFile): typeof Data {
  const json = async <T>(name: string): Promise<T> => JSON.parse(new TextDecoder().decode(await read(name))) as T;
  return {
    async digits() {
      const [train, test] = await Promise.all([read('digits-train.bin'), read('digits-test.bin')]);
      return { train: digitsIn(train), test: digitsIn(test) };
    },
    async weather() {
      const { dates, maximum, minimum, wind } = await json<
        Record<'maximum' | 'minimum' | 'wind', number[]> & { dates: string[] }
      >('weather.json');
      return {
        dates,
        maximum: Float32Array.from(maximum),
        minimum: Float32Array.from(minimum),
        wind: Float32Array.from(wind),
      };
    },
    dates: () => json('dates.json'),
    pronunciations: () => json('pronunciations.json'),
    async breastCancer() {
      const { rows, labels, features } = await json<{ rows: number[][]; labels: number[]; features: string[] }>(
        'breast-cancer.json',
      );
      return { rows: rows.map((row) => Float32Array.from(row)), labels: Int32Array.from(labels), features };
    },
  };
}

const pixelsOfDigit = 28 * 28;

// uint32 count, little-endian; then `count` labels; then `count` images of 784 bytes.
function digitsIn(file: ArrayBuffer): Data.Digits {
  const count = new DataView(file).getUint32(0, true);
  const expected = 4 + count * (1 + pixelsOfDigit);
  if (file.byteLength !== expected)
    throw new RangeError(`digits: ${file.byteLength} bytes, ${count} digits need ${expected}`);
  return {
    count,
    labels: Int32Array.from(new Uint8Array(file, 4, count)),
    images: Float32Array.from(new Uint8Array(file, 4 + count), (it) => it / 255),
  };
}
