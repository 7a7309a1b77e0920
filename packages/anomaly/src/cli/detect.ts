import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { FormatError } from '@dl/core';
import type { NdArray } from '@dl/core/data';
import { type CsvBatch, csvBatches } from '../csv/csv-batches';
import { csvNumbers } from '../csv/csv-numbers';
import type { DataOptions } from '../detector/common-options';
import { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';
import * as novelty from '../novelty';
import * as outlier from '../outlier';
import { recommend } from '../recommend';
import type { Streams } from './command';

/** The command line is at fault. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What `anomaly detect` is told. */
export interface DetectOptions {
  data: string;
  task: 'outlier' | 'novelty';
  train: string | undefined;
  detector: string;
  out: string | undefined;
  contamination: number | 'auto' | undefined;
  scaler: string | undefined;
  missing: string | undefined;
  columns: readonly string[] | undefined;
  ignore: readonly string[];
  delimiter: string;
  explain: boolean;
  json: boolean;
}

/** A row that the summary shows. */
interface Shown {
  line: number;
  score: number;
  reason?: string;
}

/** What came out. */
export interface Summary {
  task: 'outlier' | 'novelty';
  detector: string;
  /** Why this detector, where it was recommended. */
  reason: string | undefined;
  features: readonly string[];
  trainingRows: number;
  rows: number;
  outliers: number;
  /** Rows with a score below it are anomalous. */
  offset: number;
  out: string | undefined;
  /** The rows with the lowest scores, lowest first. */
  mostAbnormal: readonly Shown[];
}

type Explained = { explain(x: NdArray): Float64Array };
type AnyDetector = NoveltyDetector<DataOptions, unknown> | OutlierDetector<DataOptions, unknown>;

const SHOWN = 5;
const REASONS = 3;

/** Fits, then scores the rows in a stream and writes them with their scores; the output appears whole or not at all. */
export async function detect(options: DetectOptions, streams: Streams): Promise<Summary> {
  const { task, data, out } = options;
  if (out !== undefined && [data, options.train].some((path) => path !== undefined && resolve(path) === resolve(out))) {
    throw new UsageError(`--out ${out} would overwrite what is read`);
  }
  const progress = progressOn(streams);
  const training = await readTraining(options, progress);
  const { detector, reason } = chooseDetector(options, training);
  const rows = { data: training.data, shape: [training.rows, training.features.length] };
  if (detector instanceof NoveltyDetector) detector.fit(rows);
  else detector.fitPredict(rows);
  const scores = detector instanceof NoveltyDetector ? undefined : detector.scores;

  const summary = {
    task,
    detector: detector.definition.name,
    reason,
    features: training.features,
    trainingRows: training.rows,
    rows: 0,
    outliers: 0,
    offset: detector.offset,
    out,
    mostAbnormal: [] as Shown[],
  };
  const partial = out === undefined ? undefined : `${out}.partial-${process.pid}`;
  const file = partial === undefined ? undefined : createWriteStream(partial);
  // An error before the first write is to reach the write that waits, not the process.
  const closed = file && finished(file);
  closed?.catch(() => {});
  try {
    for await (const batch of csvBatches(data, {
      delimiter: options.delimiter,
      onBytes: await progress.of(data, 'scoring'),
    })) {
      const x = csvNumbers(batch, training.features, detector.options.missing === 'error' ? 'error' : 'allow');
      const values =
        detector instanceof NoveltyDetector
          ? detector.scoreSamples(x)
          : scores!.subarray(summary.rows, summary.rows + batch.records.length);
      const reasons = options.explain ? reasonsOf(detector as unknown as Explained, x, training.features) : undefined;
      const outlying = Array.from(values, (score) => isOutlier(detector, score));
      const first = summary.rows === 0;
      summary.rows += batch.records.length;
      summary.outliers += outlying.filter(Boolean).length;
      keepLowest(summary.mostAbnormal, batch, values, reasons);
      if (file) await write(file, linesOf(batch, values, outlying, reasons, options.delimiter, first));
    }
    if (summary.rows === 0) throw new FormatError(`${data}: has no rows`);
    if (file) {
      file.end();
      await closed;
      await rename(partial!, out!);
    }
  } catch (error) {
    file?.destroy();
    if (partial !== undefined) await rm(partial, { force: true });
    throw error;
  } finally {
    progress.clear();
  }
  streams.out(options.json ? `${JSON.stringify(summary, null, 2)}\n` : inWords(summary));
  return summary;
}

interface Training {
  features: readonly string[];
  data: Float64Array;
  rows: number;
}

/** The rows of the fit, which are in memory as a whole. */
async function readTraining(options: DetectOptions, progress: Progress): Promise<Training> {
  const { train, data, detector, missing, delimiter } = options;
  const path = train ?? data;
  // What auto recommends depends on whether values are missing; a detector by name is told, or refuses them.
  const holes = (missing ?? (detector === 'auto' ? 'impute' : 'error')) === 'error' ? 'error' : 'allow';
  const parts: Float64Array[] = [];
  let features: readonly string[] | undefined;
  let rows = 0;
  for await (const batch of csvBatches(path, { delimiter, onBytes: await progress.of(path, 'reading') })) {
    features ??= featuresOf(batch, options);
    parts.push(csvNumbers(batch, features, holes).data);
    rows += batch.records.length;
  }
  if (features === undefined) throw new FormatError(`${path}: has no rows`);
  const all = new Float64Array(rows * features.length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return { features, data: all, rows };
}

function featuresOf({ path, names }: CsvBatch, { columns, ignore }: DetectOptions): readonly string[] {
  for (const name of [...(columns ?? []), ...ignore]) {
    if (!names.includes(name)) throw new FormatError(`${path}: has no column '${name}'; it has ${names.join(', ')}`);
  }
  const features = (columns ?? names).filter((name) => !ignore.includes(name));
  if (features.length === 0) throw new UsageError('--columns and --ignore leave no feature');
  return features;
}

function chooseDetector(
  options: DetectOptions,
  training: Training,
): { detector: AnyDetector; reason: string | undefined } {
  const { task, detector: name, contamination, explain } = options;
  const classes = { outlier, novelty }[task] as unknown as Record<string, new (options: DataOptions) => AnyDetector>;
  const given = Object.fromEntries(
    Object.entries({ contamination, scaler: options.scaler, missing: options.missing }).filter(
      ([, v]) => v !== undefined,
    ),
  ) as DataOptions;
  if (name !== 'auto') {
    const Class = Object.hasOwn(classes, name) ? classes[name]! : undefined;
    if (Class === undefined)
      throw new UsageError(`--detector ${name} is not one of auto, ${Object.keys(classes).join(', ')}`);
    const detector = new Class({ scaler: 'standard', ...given });
    if (explain && !('explain' in detector)) {
      const able = Object.keys(classes).filter((key) => 'explain' in classes[key]!.prototype);
      throw new UsageError(`--explain: ${name} has no contributions of features; ${able.join(', ')} have`);
    }
    return { detector, reason: undefined };
  }
  const rows = { data: training.data, shape: [training.rows, training.features.length] };
  const { detector, reason } = task === 'outlier' ? recommend('outlier', rows) : recommend('novelty', rows);
  const Class = detector.constructor as new (options: DataOptions) => AnyDetector;
  if (!explain) return { detector: new Class({ ...detector.options, ...given }), reason };
  return {
    detector: new classes.Mahalanobis!({ scaler: 'standard', missing: detector.options.missing, ...given }),
    reason:
      'Of the detectors whose score is a sum over features, the Mahalanobis distance is near the best in both tasks.',
  };
}

function isOutlier({ offset, definition }: AnyDetector, score: number): boolean {
  return score < offset || (score === offset && definition.strict === true);
}

/** The features with the largest part in each score. */
function reasonsOf(detector: Explained, x: NdArray, features: readonly string[]): string[] {
  const contributions = detector.explain(x);
  const d = features.length;
  return Array.from({ length: contributions.length / d }, (_, i) =>
    features
      .map((name, j) => ({ name, part: contributions[i * d + j]! }))
      .sort((a, b) => b.part - a.part)
      .slice(0, REASONS)
      .map(({ name, part }) => `${name} ${part.toPrecision(3)}`)
      .join('; '),
  );
}

function keepLowest(kept: Shown[], { lines }: CsvBatch, scores: Float64Array, reasons: string[] | undefined): void {
  for (const [i, score] of scores.entries()) {
    if (kept.length === SHOWN && score >= kept.at(-1)!.score) continue;
    kept.push({ line: lines[i]!, score, ...(reasons && { reason: reasons[i]! }) });
    kept.sort((a, b) => a.score - b.score);
    kept.length = Math.min(kept.length, SHOWN);
  }
}

function linesOf(
  { names, records }: CsvBatch,
  scores: Float64Array,
  outlying: readonly boolean[],
  reasons: readonly string[] | undefined,
  delimiter: string,
  first: boolean,
): string {
  const line = (fields: readonly string[]) => `${fields.map((field) => quoted(field, delimiter)).join(delimiter)}\n`;
  const head = first ? line([...names, 'anomaly_score', 'anomaly_label', ...(reasons ? ['anomaly_reason'] : [])]) : '';
  const rows = records.map((record, i) =>
    line([...record, `${scores[i]}`, outlying[i] ? '-1' : '1', ...(reasons ? [reasons[i]!] : [])]),
  );
  return head + rows.join('');
}

function quoted(field: string, delimiter: string): string {
  return field.includes(delimiter) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Writes, and waits where the disk is behind: no more than a batch is in memory. */
async function write(file: WriteStream, text: string): Promise<void> {
  if (file.errored) throw file.errored;
  if (!file.write(text)) await once(file, 'drain');
}

function inWords(summary: Summary): string {
  const { rows, outliers, trainingRows, features, detector, offset, out, mostAbnormal, reason, task } = summary;
  const share = ((100 * outliers) / rows).toFixed(2);
  return [
    `${outliers} of ${rows} rows are anomalous (${share} %)`,
    `${task}.${detector} on ${features.length} features, ${trainingRows} training rows, threshold ${offset.toPrecision(6)}`,
    ...(reason === undefined ? [] : [reason]),
    'most abnormal:',
    ...mostAbnormal.map(
      ({ line, score, reason: why }) => `  line ${line}: score ${score.toPrecision(6)}${why ? ` (${why})` : ''}`,
    ),
    ...(out === undefined ? [] : [`written to ${out}`]),
    '',
  ].join('\n');
}

interface Progress {
  /** What to call with the number of bytes read; undefined where nobody looks. */
  of(path: string, doing: string): Promise<(bytes: number) => void>;
  clear(): void;
}

/** A bar on the standard error, where that is a terminal. */
function progressOn({ err, terminal }: Streams): Progress {
  if (!terminal) return { of: () => Promise.resolve(() => {}), clear: () => {} };
  const width = 30;
  return {
    async of(path, doing) {
      const { size } = await stat(path);
      return (bytes) => {
        const done = Math.round((width * bytes) / Math.max(size, 1));
        err(
          `\r${doing.padEnd(8)} ${'█'.repeat(done)}${'░'.repeat(width - done)} ${Math.round((100 * bytes) / size)} %`,
        );
      };
    },
    clear: () => err('\r\x1b[K'),
  };
}
