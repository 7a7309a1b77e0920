import type { Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../errors';
import {
  decodeSafetensors,
  type EncodeOptions,
  encodeSafetensors,
  type SafetensorsFile,
  type TensorSource,
} from './safetensors';

/**
 * Reads a safetensors file from the disk. Node only: in a page, `decodeSafetensors` reads an ArrayBuffer or a Blob.
 *
 * @param path where it lies
 * @throws FormatError naming the fault of a truncated, hostile or other file
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { readSafetensorsFile, saveSafetensors } from '@dl/core/io';
 * import { Linear } from '@dl/core/nn';
 *
 * await init();
 * const model = new Linear({ in: 3, out: 2, key: key(0) });
 * await saveSafetensors('model.safetensors', model.stateDict());
 * const { tensors } = await readSafetensorsFile('model.safetensors');
 * tensors.get('weight')?.shape; // [2, 3]
 * ```
 */
export async function readSafetensorsFile(path: string): Promise<SafetensorsFile> {
  return decodeSafetensors(await fileSystem().readFile(path));
}

/**
 * Writes a safetensors file to the disk. It appears whole or not at all: an interrupted write leaves the file of before.
 * Node only: in a page, `encodeSafetensors` gives the bytes for a download.
 *
 * @param path where it shall lie; a file that is there is replaced
 * @param tensors tensors, or values with the type to store them in, by name
 * @param metadata texts to save beside them
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { saveSafetensors } from '@dl/core/io';
 * import { Linear } from '@dl/core/nn';
 *
 * await init();
 * const model = new Linear({ in: 3, out: 2, key: key(0) });
 * await saveSafetensors('model.safetensors', model.stateDict(), { epoch: '3' });
 * ```
 */
export async function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor | TensorSource>,
  metadata?: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
  options?: EncodeOptions,
): Promise<void> {
  const fs = fileSystem();
  const bytes = encodeSafetensors(tensors, metadata, options);
  const unfinished = `${path}.${crypto.randomUUID()}.tmp`; // in the same folder: a rename is atomic within a volume
  try {
    await fs.writeFile(unfinished, bytes, { flush: true });
    await fs.rename(unfinished, path);
  } catch (error) {
    await fs.rm(unfinished, { force: true });
    throw error;
  }
}

/** Node's files, without an import: bundlers for the page have nothing to resolve. */
function fileSystem(): typeof import('node:fs/promises') {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (fs === undefined) {
    throw new BackendError(
      'there is no file system here: use decodeSafetensors and encodeSafetensors, which work on bytes, or run in Node',
    );
  }
  return fs;
}
