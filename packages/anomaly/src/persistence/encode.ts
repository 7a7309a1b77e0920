import { encodeSafetensors, saveSafetensors, type TensorSource } from '@dl/core/io';
import type { DataOptions } from '../detector/common-options';
import type { State } from '../detector/definition';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';
import { metadataOf, stored } from './file-parts';

/** A fitted detector as one safetensors file: JSON header, then binary numbers. No code is in it, none is run by reading it. */
export function encodeDetector(
  detector: OutlierDetector<DataOptions, unknown> | NoveltyDetector<DataOptions, unknown>,
): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = parts(detector);
  return encodeSafetensors(tensors, metadata);
}

/**
 * Writes a fitted detector to a file, which appears whole or not at all. Node only; `encodeDetector` gives the bytes.
 *
 * @param path where it shall lie; a file that is there is replaced
 */
export async function saveDetector(
  path: string,
  detector: OutlierDetector<DataOptions, unknown> | NoveltyDetector<DataOptions, unknown>,
): Promise<void> {
  const { tensors, metadata } = parts(detector);
  await saveSafetensors(path, tensors, metadata);
}

function parts(detector: OutlierDetector<DataOptions, unknown> | NoveltyDetector<DataOptions, unknown>) {
  const { definition, knowledge, options, task } = detector;
  const { state, preparation, columns, names, trainingScores, offset } = knowledge;
  const tensors = new Map<string, TensorSource>();
  for (const [name, value] of Object.entries(state as State)) tensors.set(`state.${name}`, stored(value));
  for (const [name, values] of Object.entries(preparation))
    tensors.set(`preparation.${name}`, stored(values as Float64Array));
  tensors.set('scores', stored(trainingScores()));
  tensors.set('offset', stored(offset()));
  const metadata = {
    ...metadataOf(definition.name, task, options),
    features: JSON.stringify(names ?? columns),
  };
  return { tensors, metadata };
}
