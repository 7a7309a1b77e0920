import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { FormatError, init } from '@dl/core';
import type { NdArray } from '@dl/core/data';
import { type CsvBatch, csvBatches } from '../csv/csv-batches';
import { csvNumbers } from '../csv/csv-numbers';
import { takeRows } from '../data/matrix';
import type { DataOptions } from '../detector/common-options';
import { NoveltyDetector } from '../detector/novelty-detector';
import * as novelty from '../novelty';
import * as outlier from '../outlier';
import { recommend } from '../recommend';
import type { Streams } from './command';
import { type AnyDetector, byConformal, byPeaks, byShare, type Threshold } from './threshold';

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
  threshold: 'share' | 'conformal' | 'pot';
  contamination: number | 'auto' | undefined;
  /** Of `conformal`. */
  alpha: number;
  calibration: string | undefined;
  /** Of `pot`. */
  risk: number;
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
  /** Rows with a hole that was skipped. */
  notJudged: number;
  /** Which scores are anomalous. */
  threshold: string;
  /** Why there are no reasons, where they were asked for. */
  unexplained: string | undefined;
  out: string | undefined;
  /** The rows with the lowest scores, lowest first. */
  mostAbnormal: readonly Shown[];
}

type Explained = { explain(x: NdArray): Float64Array };

const SHOWN = 5;
const REASONS = 3;

/** Fits, then scores the rows in a stream and writes them with their scores; the output appears whole or not at all. */
export async function detect(options: DetectOptions, streams: Streams): Promise<Summary> {
  const { task, data, out } = options;
  if (
    out !== undefined &&
    [data, options.train, options.calibration].some((path) => path !== undefined && resolve(path) === resolve(out))
  ) {
    throw new UsageError(`--out ${out} would overwrite what is read`);
  }
  const progress = progressOn(streams);
  const training = await readRows(options.train ?? data, options, progress);
  const { detector, reason } = await chooseDetector(options, training);
  const holes = detector.options.missing === 'error' ? 'error' : 'allow';
  const kept = options.threshold === 'conformal' && options.calibration === undefined ? thirdOf(training) : undefined;
  const fitted = kept?.others ?? training;
  if (detector instanceof NoveltyDetector) detector.fit(asNdArray(fitted));
  else detector.fitPredict(asNdArray(fitted));
  const scores = detector instanceof NoveltyDetector ? undefined : detector.scores;
  const explains = options.explain && 'explain' in detector;
  const batches = async (doing: string) =>
    csvBatches(data, { delimiter: options.delimiter, onBytes: await progress.of(data, doing) });

  const thresholdOf = async (): Promise<Threshold> => {
    if (options.threshold === 'share') return byShare(detector);
    if (options.threshold === 'pot') return byPeaks(detector, options.risk);
    const learnt = detector as NoveltyDetector<DataOptions, unknown>;
    const calibration =
      kept?.third ?? (await readRows(options.calibration!, { ...options, columns: training.features }, progress));
    return byConformal(learnt, asNdArray(calibration), options.alpha, async function* () {
      for await (const batch of await batches('ranking')) {
        yield learnt.scoreSamples(csvNumbers(batch, training.features, holes));
      }
    });
  };
  const threshold = await thresholdOf();

  const summary = {
    task,
    detector: detector.definition.name,
    reason,
    features: training.features,
    trainingRows: fitted.rows,
    rows: 0,
    outliers: 0,
    notJudged: 0,
    threshold: threshold.inWords,
    unexplained: options.explain && !explains ? whyNot(detector, classesOf(task)) : undefined,
    out,
    mostAbnormal: [] as Shown[],
  };
  const partial = out === undefined ? undefined : `${out}.partial-${process.pid}`;
  const file = partial === undefined ? undefined : createWriteStream(partial);
  // An error before the first write is to reach the write that waits, not the process.
  const closed = file && finished(file);
  closed?.catch(() => {});
  try {
    for await (const batch of await batches('scoring')) {
      const x = csvNumbers(batch, training.features, holes);
      const values =
        detector instanceof NoveltyDetector
          ? detector.scoreSamples(x)
          : scores!.subarray(summary.rows, summary.rows + batch.records.length);
      const reasons = explains ? reasonsOf(detector as unknown as Explained, x, training.features) : undefined;
      const labels = Array.from(values, (score) => {
        if (Number.isNaN(score)) return 0;
        return threshold.isOutlier(score) ? -1 : 1;
      });
      const pValues = threshold.pValue && Array.from(values, threshold.pValue);
      const first = summary.rows === 0;
      summary.rows += batch.records.length;
      summary.outliers += labels.filter((label) => label === -1).length;
      summary.notJudged += labels.filter((label) => label === 0).length;
      keepLowest(summary.mostAbnormal, batch, values, reasons);
      if (file) await write(file, linesOf(batch, { values, labels, pValues, reasons }, options.delimiter, first));
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

/** The rows of a fit or a calibration, which are in memory as a whole. */
async function readRows(path: string, options: DetectOptions, progress: Progress): Promise<Training> {
  const { detector, missing, delimiter } = options;
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

function asNdArray({ data, rows, features }: Training): { data: Float64Array; shape: [number, number] } {
  return { data, shape: [rows, features.length] };
}

/** Every third row, and the others. */
function thirdOf({ features, data, rows }: Training): { third: Training; others: Training } {
  const matrix = { data, rows, columns: features.length };
  const all = Array.from({ length: rows }, (_, i) => i);
  const part = (indices: number[]) => ({ features, rows: indices.length, data: takeRows(matrix, indices).data });
  if (rows < 3)
    throw new UsageError(`${rows} clean rows are too few to keep a third of them; give others: --calibration`);
  return { third: part(all.filter((i) => i % 3 === 2)), others: part(all.filter((i) => i % 3 !== 2)) };
}

function featuresOf({ path, names }: CsvBatch, { columns, ignore }: DetectOptions): readonly string[] {
  for (const name of [...(columns ?? []), ...ignore]) {
    if (!names.includes(name)) throw new FormatError(`${path}: has no column '${name}'; it has ${names.join(', ')}`);
  }
  const features = (columns ?? names).filter((name) => !ignore.includes(name));
  if (features.length === 0) throw new UsageError('--columns and --ignore leave no feature');
  return features;
}

type Classes = Readonly<Record<string, new (options: DataOptions) => AnyDetector>>;

function classesOf(task: 'outlier' | 'novelty'): Classes {
  return { outlier, novelty }[task];
}

/** The class of this name; those that train a network are loaded, and their backend started, only for this. */
async function classNamed(name: string, task: 'outlier' | 'novelty'): Promise<Classes[string]> {
  const classes = classesOf(task);
  if (Object.hasOwn(classes, name)) return classes[name]!;
  const deep = (await import('../deep'))[task] as unknown as Classes;
  if (!Object.hasOwn(deep, name)) {
    throw new UsageError(
      `--detector ${name} is not one of auto, ${[...Object.keys(classes), ...Object.keys(deep)].join(', ')}`,
    );
  }
  await init();
  return deep[name]!;
}

async function chooseDetector(
  options: DetectOptions,
  training: Training,
): Promise<{ detector: AnyDetector; reason: string | undefined }> {
  const { task, detector: name, contamination, explain } = options;
  const given = Object.fromEntries(
    Object.entries({ contamination, scaler: options.scaler, missing: options.missing }).filter(
      ([, v]) => v !== undefined,
    ),
  ) as DataOptions;
  if (name !== 'auto') {
    const Class = await classNamed(name, task);
    const detector = new Class({ scaler: 'standard', ...given });
    if (explain && !('explain' in detector)) throw new UsageError(`--explain: ${whyNot(detector, classesOf(task))}`);
    return { detector, reason: undefined };
  }
  const rows = asNdArray(training);
  const { detector, reason } = task === 'outlier' ? recommend('outlier', rows) : recommend('novelty', rows);
  const Class = detector.constructor as Classes[string];
  return { detector: new Class({ ...detector.options, ...given }), reason };
}

function whyNot({ definition }: AnyDetector, classes: Classes): string {
  const able = Object.keys(classes).filter((key) => 'explain' in classes[key]!.prototype);
  return `the score of ${definition.name} is no sum over features, so that none has a part in it. Such parts have ${able.join(', ')}`;
}

/** The features with the largest part in each score. */
function reasonsOf(detector: Explained, x: NdArray, features: readonly string[]): string[] {
  const contributions = detector.explain(x);
  const d = features.length;
  return Array.from({ length: contributions.length / d }, (_, i) =>
    features
      .map((name, j) => ({ name, part: contributions[i * d + j]! }))
      .filter(({ part }) => !Number.isNaN(part)) // of a row that is not judged
      .sort((a, b) => b.part - a.part)
      .slice(0, REASONS)
      .map(({ name, part }) => `${name} ${part.toPrecision(3)}`)
      .join('; '),
  );
}

function keepLowest(kept: Shown[], { lines }: CsvBatch, scores: Float64Array, reasons: string[] | undefined): void {
  for (const [i, score] of scores.entries()) {
    if (Number.isNaN(score)) continue;
    if (kept.length === SHOWN && score >= kept.at(-1)!.score) continue;
    kept.push({ line: lines[i]!, score, ...(reasons && { reason: reasons[i]! }) });
    kept.sort((a, b) => a.score - b.score);
    kept.length = Math.min(kept.length, SHOWN);
  }
}

interface Judged {
  values: Float64Array;
  labels: readonly number[];
  pValues: readonly number[] | undefined;
  reasons: readonly string[] | undefined;
}

function linesOf({ names, records }: CsvBatch, judged: Judged, delimiter: string, first: boolean): string {
  const { values, labels, pValues, reasons } = judged;
  const line = (fields: readonly string[]) => `${fields.map((field) => quoted(field, delimiter)).join(delimiter)}\n`;
  const added = (p: string, reason: string) => [...(pValues ? [p] : []), ...(reasons ? [reason] : [])];
  const head = first
    ? line([...names, 'anomaly_score', 'anomaly_label', ...added('anomaly_p_value', 'anomaly_reason')])
    : '';
  const rows = records.map((record, i) =>
    line([...record, `${values[i]}`, `${labels[i]}`, ...added(`${pValues?.[i]}`, reasons?.[i] ?? '')]),
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
  const { rows, outliers, notJudged, trainingRows, features, detector, out, mostAbnormal, reason, task } = summary;
  const share = ((100 * outliers) / rows).toFixed(2);
  return [
    `${outliers} of ${rows} rows are anomalous (${share} %)`,
    `${task}.${detector} on ${features.length} features, ${trainingRows} training rows; ${summary.threshold}`,
    ...(notJudged === 0 ? [] : [`${notJudged} rows with a hole are not judged`]),
    ...(reason === undefined ? [] : [reason]),
    ...(summary.unexplained === undefined ? [] : [`not explained: ${summary.unexplained}`]),
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
