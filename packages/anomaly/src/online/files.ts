import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensorsFile,
  type SafetensorsFile,
  saveSafetensors,
  type TensorSource,
} from '@dl/core/io';
import type { StateValue } from '../detector/definition';
import {
  fault,
  json,
  metadataOf,
  readOptions,
  readValue,
  requireFormat,
  stored,
  textOf,
} from '../persistence/file-parts';
import type { OnlineDetector } from './online-detector';

/** Any class of `online`. */
export type OnlineClass<D> = new (options?: never) => D;

/**
 * An online detector as it is now, as one safetensors file; no code is in it. `decode` goes on from there, bit for bit.
 *
 * @example
 * ```ts
 * import { online } from '@dl/anomaly';
 *
 * const chart = new online.CUSUM({ warmUp: 20 });
 * for (let t = 0; t < 30; t++) chart.update(Math.sin(t * t));
 * const later = online.decode(online.encode(chart), online.CUSUM); // in another process, after a pause
 * const same = later.update(3).score === chart.update(3).score; // true
 * ```
 */
export function encode(detector: OnlineDetector<object, never>): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = parts(detector);
  return encodeSafetensors(tensors, metadata);
}

/**
 * An online detector out of its file. Everything is checked before it is used; nothing of it is executed.
 *
 * @param bytes what `encode` gave
 * @param Class what it is: `online.SPOT`
 * @throws FormatError naming the fault of a truncated, hostile, newer or other file
 */
export function decode<D extends OnlineDetector<object, never>>(
  bytes: ArrayBuffer | Uint8Array,
  Class: OnlineClass<D>,
): D {
  return read(decodeSafetensors(bytes), Class);
}

/**
 * Writes an online detector as it is now to a file, which appears whole or not at all. Node only.
 *
 * @param path where it shall lie; a file that is there is replaced
 */
export async function save(path: string, detector: OnlineDetector<object, never>): Promise<void> {
  const { tensors, metadata } = parts(detector);
  await saveSafetensors(path, tensors, metadata);
}

/**
 * Reads the file that `save` wrote. Node only.
 *
 * @param Class what it is: `online.SPOT`
 * @throws FormatError as `decode`
 */
export async function load<D extends OnlineDetector<object, never>>(path: string, Class: OnlineClass<D>): Promise<D> {
  return read(await readSafetensorsFile(path), Class);
}

function parts({ name, options, state }: OnlineDetector<object, never>) {
  const entries = Object.entries(state).map(([entry, value]) => [`state.${entry}`, stored(value)] as const);
  return { tensors: new Map<string, TensorSource>(entries), metadata: metadataOf(name, 'online', options) };
}

function read<D extends OnlineDetector<object, never>>(file: SafetensorsFile, Class: OnlineClass<D>): D {
  requireFormat(file);
  const { name, ranges } = new Class();
  const [held, task] = [textOf(file, 'detector'), textOf(file, 'task')];
  if (held !== name || task !== 'online')
    throw fault(`it holds '${held}' for the task '${task}', not '${name}' for 'online'`);
  const options = readOptions(name, ranges, json(textOf(file, 'options')));
  let detector: D;
  try {
    detector = new Class(options as never);
  } catch (error) {
    throw fault((error as Error).message);
  }
  const left = new Set(file.tensors.keys());
  const state: Record<string, StateValue> = {};
  for (const [entry, as] of Object.entries(detector.layout)) {
    left.delete(`state.${entry}`);
    state[entry] = readValue(file, `state.${entry}`, as);
  }
  if (left.size > 0) throw fault(`it holds '${[...left][0]!}', which a ${name} has not`);
  const wrong = detector.resume(state);
  if (wrong !== undefined) throw fault(wrong);
  return detector;
}
