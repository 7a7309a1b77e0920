import { ConfigError, FormatError, Key, keyFromJSON } from '@dl/core';
import type { SafetensorsFile, StoredDtype, TensorSource } from '@dl/core/io';
import type { StateValue, Stored } from '../detector/definition';

/** What the metadata of a file says it is. */
const FORMAT = '@dl/anomaly';
/** Files of another version are refused. */
const VERSION = '1';

/** What every file says of itself: format, version, what it holds, and with which options. */
export function metadataOf(detector: string, task: string, options: object): Record<string, string> {
  return {
    format: FORMAT,
    version: VERSION,
    detector,
    task,
    options: JSON.stringify(options, (name, value: unknown) => {
      if (typeof value !== 'function') return value;
      throw new ConfigError(detector, `'${name}' is a function, which a file cannot hold`, 'use a named one');
    }),
  };
}

/** Refuses a file of another format or version. */
export function requireFormat(file: SafetensorsFile): void {
  if (textOf(file, 'format') !== FORMAT) throw fault(`its format is '${textOf(file, 'format')}'`);
  if (textOf(file, 'version') !== VERSION) {
    throw fault(
      `it is of version ${textOf(file, 'version')}, this package reads ${VERSION}: install the one that wrote it`,
    );
  }
}

/** An entry of the metadata. */
export function textOf(file: SafetensorsFile, name: string): string {
  const value = file.metadata.get(name);
  if (value === undefined) throw fault(`it has no '${name}'`);
  return value;
}

/** Options by the ranges that know them; whether they are in range is for the constructor to say. */
export function readOptions(detector: string, ranges: object, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('its options are no object');
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(value)) {
    const range = Object.hasOwn(ranges, name) ? (ranges as Record<string, { fallback: unknown }>)[name] : undefined;
    if (range === undefined) throw fault(`it has the option '${name}', which ${detector} does not know`);
    options[name] = range.fallback instanceof Key ? keyFromJSON(option) : option;
  }
  return options;
}

/** A number or an array of numbers as a tensor of a file. */
export function stored(value: StateValue): TensorSource {
  if (typeof value === 'number') return { dtype: 'F64', shape: [], data: [value] };
  return { dtype: dtypeOf(value), shape: [value.length], data: value };
}

function dtypeOf(values: Exclude<StateValue, number>): StoredDtype {
  if (values instanceof Float64Array) return 'F64';
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof Int32Array) return 'I32';
  return values instanceof Uint32Array ? 'U32' : 'U8';
}

const DTYPES: Record<Stored, string> = {
  number: 'F64',
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  uint32: 'U32',
  uint8: 'U8',
};

/** A number or an array of numbers out of a file. */
export function readValue(file: SafetensorsFile, name: string, as: Stored): StateValue {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) throw fault(`it has no '${name}'`);
  const rank = as === 'number' ? 0 : 1;
  if (tensor.dtype !== DTYPES[as] || tensor.shape.length !== rank) {
    throw fault(`'${name}' is ${tensor.dtype} [${tensor.shape.join(', ')}], not ${DTYPES[as]} of ${rank} axes`);
  }
  const data = tensor.data();
  return as === 'number' ? data[0]! : (data as StateValue);
}

/** JSON of the metadata. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault(`its metadata is not JSON: ${text.slice(0, 60)}`);
  }
}

/** What is wrong with a file. */
export function fault(what: string): FormatError {
  return new FormatError(`not a saved detector: ${what}`);
}
