import type { Tensor } from '@tensorflow/tfjs-core';
import type { LoadReport, Module } from '../nn/module';
import { OPTIMIZER_PREFIX, TRAINING_NOTES } from './checkpoint-names';
import { readSafetensorsFile, saveSafetensors } from './files';
import { decodeSafetensors, type EncodeOptions } from './safetensors';

/**
 * Saves the parameters and buffers of a model to a safetensors file, under PyTorch's names. Node only:
 * `encodeSafetensors(model.stateDict())` gives the bytes elsewhere.
 *
 * @param model the model
 * @param path where the file shall lie
 * @param options `float: 'F16'` or `'BF16'` halves the size; `metadata`: texts to save beside the weights
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { saveModel } from '@dl/core/io';
 * import { Linear } from '@dl/core/nn';
 *
 * await init();
 * const model = new Linear({ in: 3, out: 2, key: key(0) });
 * await saveModel(model, 'model.safetensors');
 * ```
 */
export async function saveModel(
  model: Module<never, unknown>,
  path: string,
  options: EncodeOptions & { metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  await saveSafetensors(path, model.stateDict(), options.metadata, options);
}

/**
 * Loads the parameters and buffers of a model by name, from a file that @dl, PyTorch or another library has written. Of
 * a checkpoint of a training it takes the model's part.
 *
 * @param model the model, built with the same sizes; its values are replaced
 * @param source path of a file (Node only), or the file itself
 * @param options `strict: false` allows names missing on either side
 * @returns the names that were missing on either side
 * @throws FormatError naming the fault of the file, ConfigError listing what does not fit; the model is unchanged then
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { loadModel, saveModel } from '@dl/core/io';
 * import { Linear } from '@dl/core/nn';
 *
 * await init();
 * const model = new Linear({ in: 3, out: 2, key: key(0) });
 * await saveModel(model, 'model.safetensors');
 * const same = new Linear({ in: 3, out: 2, key: key(1) });
 * await loadModel(same, 'model.safetensors');
 * ```
 */
export async function loadModel(
  model: Module<never, unknown>,
  source: string | Blob | ArrayBuffer | Uint8Array,
  options: { strict?: boolean } = {},
): Promise<LoadReport> {
  const { tensors, metadata } = await (typeof source === 'string'
    ? readSafetensorsFile(source)
    : source instanceof Blob
      ? decodeSafetensors(source)
      : decodeSafetensors(source));
  const state = new Map<string, Tensor>();
  try {
    const own = model.stateDict();
    const isCheckpoint = metadata.has(TRAINING_NOTES);
    for (const [name, stored] of tensors) {
      if (isCheckpoint && name.startsWith(OPTIMIZER_PREFIX) && !own.has(name)) continue;
      state.set(name, stored.tensor());
    }
    return model.loadStateDict(state, options);
  } finally {
    for (const tensor of state.values()) tensor.dispose();
  }
}
