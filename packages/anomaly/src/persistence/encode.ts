import { ConfigError } from '@dl/core';
import { encodeSafetensors, type StoredDtype, saveSafetensors, type TensorSource } from '@dl/core/io';
import type { DataOptions } from '../detector/common-options';
import type { State, StateValue } from '../detector/definition';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';

/** What the metadata of a file says it is. */
export const FORMAT = '@dl/anomaly';
/** Files of another version are refused. */
export const VERSION = '1';

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
    format: FORMAT,
    version: VERSION,
    detector: definition.name,
    task,
    features: JSON.stringify(names ?? columns),
    options: JSON.stringify(options, (name, value: unknown) => {
      if (typeof value !== 'function') return value;
      throw new ConfigError(definition.name, `'${name}' is a function, which a file cannot hold`, 'use a named one');
    }),
  };
  return { tensors, metadata };
}

function stored(value: StateValue): TensorSource {
  if (typeof value === 'number') return { dtype: 'F64', shape: [], data: [value] };
  return { dtype: dtypeOf(value), shape: [value.length], data: value };
}

function dtypeOf(values: Exclude<StateValue, number>): StoredDtype {
  if (values instanceof Float64Array) return 'F64';
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof Int32Array) return 'I32';
  return values instanceof Uint32Array ? 'U32' : 'U8';
}
