import { decodeSafetensors, readSafetensorsFile, type SafetensorsFile } from '@dl/core/io';
import type { DataOptions } from '../detector/common-options';
import type { Definition, StateValue, Stored } from '../detector/definition';
import type { Knowledge } from '../detector/detector';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';
import * as novelty from '../novelty';
import * as outlier from '../outlier';
import * as seriesNovelty from '../series/novelty';
import * as seriesOutlier from '../series/outlier';
import { fault, json, readOptions, readValue, requireFormat, textOf } from './file-parts';

/** A detector of either task; `task` tells which, and with it the methods. */
export type AnyDetector = OutlierDetector<DataOptions, unknown> | NoveltyDetector<DataOptions, unknown>;

/** A module with further detectors, such as `@dl/anomaly/deep`. */
export interface DetectorModule {
  /** Classes by name. */
  readonly outlier: object;
  /** Classes by name. */
  readonly novelty: object;
}

/** More features than any data has that was ever fitted here. */
const MOST_FEATURES = 2 ** 24;

/**
 * A fitted detector out of its file. Everything is checked before it is used; nothing of it is executed.
 *
 * @param bytes what `encodeDetector` gave
 * @param modules where further detectors are: `import * as deep from '@dl/anomaly/deep'; decodeDetector(bytes, deep)`
 * @throws FormatError naming the fault of a truncated, hostile, newer or other file
 *
 * @example
 * ```ts
 * import { decodeDetector, encodeDetector, novelty } from '@dl/anomaly';
 *
 * const detector = new novelty.KNearestNeighbors({ nNeighbors: 2 }).fit([[0], [1], [2], [3]]);
 * const copy = decodeDetector(encodeDetector(detector));
 * const scores = copy.task === 'novelty' ? copy.scoreSamples([[5]]) : undefined; // [-3]
 * ```
 */
export function decodeDetector(bytes: ArrayBuffer | Uint8Array, ...modules: DetectorModule[]): AnyDetector {
  return read(decodeSafetensors(bytes), modules);
}

/**
 * Reads the file that `saveDetector` wrote. Node only; `decodeDetector` reads bytes.
 *
 * @param modules where further detectors are, as in `decodeDetector`
 * @throws FormatError as `decodeDetector`
 */
export async function loadDetector(path: string, ...modules: DetectorModule[]): Promise<AnyDetector> {
  return read(await readSafetensorsFile(path), modules);
}

function read(file: SafetensorsFile, modules: readonly DetectorModule[]): AnyDetector {
  requireFormat(file);
  const [name, task] = [textOf(file, 'detector'), textOf(file, 'task')];
  const Class = classOf(name, task, modules);
  const options = readOptions(name, new Class().definition.ranges, json(textOf(file, 'options')));
  let detector: AnyDetector;
  try {
    detector = new Class(options);
  } catch (error) {
    throw fault((error as Error).message);
  }
  return detector.like(readKnowledge(file, detector, json(textOf(file, 'features'))));
}

/** The detectors of rows and those of series. */
const OWN: readonly DetectorModule[] = [
  { outlier, novelty },
  { outlier: seriesOutlier, novelty: seriesNovelty },
];

type AnyClass = new (options?: DataOptions) => AnyDetector;

function classOf(name: string, task: string, modules: readonly DetectorModule[]): AnyClass {
  for (const module of [...OWN, ...modules]) {
    const classes = task === 'outlier' ? module.outlier : task === 'novelty' ? module.novelty : {};
    if (Object.hasOwn(classes, name)) return (classes as Record<string, AnyClass>)[name]!;
  }
  throw fault(
    `it holds '${name}' for the task '${task}', which this version does not know; ` +
      "detectors of '@dl/anomaly/deep', '@dl/anomaly/cnn' and '@dl/anomaly/rnn' are known where that module is given beside the file",
  );
}

function readKnowledge(
  file: SafetensorsFile,
  { definition, options }: AnyDetector,
  features: unknown,
): Knowledge<unknown> {
  const names = Array.isArray(features) && features.every((name) => typeof name === 'string') ? features : undefined;
  const columns = names?.length ?? features;
  if (!Number.isInteger(columns) || (columns as number) < 1 || (columns as number) > MOST_FEATURES) {
    throw fault(`it is for ${JSON.stringify(features).slice(0, 60)} features`);
  }
  const left = new Set(file.tensors.keys());
  const values = (tensor: string, as: Stored): StateValue => {
    left.delete(tensor);
    return readValue(file, tensor, as);
  };
  const state: Record<string, StateValue> = {};
  for (const [entry, as] of Object.entries<Stored>(layoutOf(definition, options))) {
    state[entry] = values(`state.${entry}`, as);
  }
  const preparation = {
    fill: values('preparation.fill', 'float64') as Float64Array,
    shift: values('preparation.shift', 'float64') as Float64Array,
    factor: values('preparation.factor', 'float64') as Float64Array,
  };
  const sizes = {
    fill: options.missing === 'impute',
    shift: options.scaler !== 'none',
    factor: options.scaler !== 'none',
  };
  for (const part of ['fill', 'shift', 'factor'] as const) {
    const expected = sizes[part] ? columns : 0;
    if (preparation[part].length !== expected) {
      throw fault(`it has ${preparation[part].length} numbers of '${part}' for ${columns as number} features`);
    }
    if (!preparation[part].every(Number.isFinite)) throw fault(`'${part}' is not finite`);
  }
  const scores = values('scores', 'float64') as Float64Array;
  const offset = values('offset', 'number') as number;
  if (Number.isNaN(offset)) throw fault('its offset is NaN');
  if (left.size > 0) throw fault(`it holds '${[...left][0]!}', which a ${definition.name} has not`);
  const wrong = definition.faultOf(state, columns as number, options);
  if (wrong !== undefined) throw fault(wrong);
  return {
    state: state,
    preparation,
    columns: columns as number,
    names,
    trainingScores: () => scores,
    offset: () => offset,
  };
}

function layoutOf(definition: Definition<DataOptions, unknown>, options: AnyDetector['options']) {
  type Entries = Readonly<Record<string, Stored>>;
  const layout: unknown = definition.layout;
  return typeof layout === 'function' ? (layout as (of: typeof options) => Entries)(options) : (layout as Entries);
}
