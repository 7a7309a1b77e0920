import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DataOptions, key, series, volumeUnderSurface } from '@dl/anomaly';

const { outlier } = series;

/** Scores of the times of a series, by detectors with their defaults. */
const detectors: Readonly<Record<string, (values: Float64Array) => Float64Array>> = {
  ...Object.fromEntries(
    Object.entries(outlier).map(([name, Detector]) => [
      name,
      (values: Float64Array) => scoresBy(new Detector(), values),
    ]),
  ),
  random: (values) => Float64Array.from(key(0).uniform(values.length)),
};

function scoresBy(detector: series.SeriesOutlierDetector<DataOptions, unknown>, values: Float64Array): Float64Array {
  detector.fitPredict(values);
  return detector.scores;
}

/** Longer series take the mean of so many neighbouring values that at most this many are left: pairs of windows are many. */
const MOST = 4000;

/** A labelled series. */
export interface LabelledSeries {
  values: Float64Array;
  /** 1 for each time within a labelled window. */
  truth: Uint8Array;
}

/**
 * A series of the Numenta Anomaly Benchmark.
 *
 * @param csv `timestamp,value`, one line a time
 * @param windows first and last time of each anomaly
 */
export function readNab(csv: string, windows: readonly (readonly [string, string])[]): LabelledSeries {
  const lines = csv.trim().split(/\r?\n/).slice(1);
  const time = (text: string) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);
  const cells = lines.map((line) => line.split(',') as [string, string]);
  const marked = (at: number) => windows.some(([from, to]) => at >= time(from) && at <= time(to));
  const size = Math.ceil(cells.length / MOST);
  const count = Math.floor(cells.length / size);
  const values = new Float64Array(count);
  const truth = new Uint8Array(count);
  for (let i = 0; i < count * size; i++) {
    const [at, value] = cells[i]!;
    values[Math.floor(i / size)]! += Number(value) / size;
    if (marked(time(at))) truth[Math.floor(i / size)] = 1;
  }
  return { values, truth };
}

/** VUS-PR of every detector of series on the series of NAB that lie in a folder, beside `combined_windows.json`. */
export function scoreNab(folder: string, print: (line: string) => void): void {
  const labels = JSON.parse(readFileSync(join(folder, 'combined_windows.json'), 'utf8')) as Record<
    string,
    [string, string][]
  >;
  const windowsOf = new Map(Object.entries(labels).map(([path, windows]) => [basename(path), windows]));
  const names = Object.keys(detectors);
  print(`VUS-PR, tolerance up to 100 times; series of more than ${MOST} values as means of neighbours`);
  print(['series'.padEnd(40), ...names.map((name) => name.slice(0, 16).padStart(17))].join(''));
  const sums = new Float64Array(names.length);
  const files = readdirSync(folder).filter((file) => (windowsOf.get(file)?.length ?? 0) > 0);
  for (const file of files) {
    const { values, truth } = readNab(readFileSync(join(folder, file), 'utf8'), windowsOf.get(file)!);
    const figures = names.map((name) => {
      const abnormality = detectors[name]!(values).map((score) => -score);
      return volumeUnderSurface(abnormality, truth).vusPR;
    });
    for (const [i, figure] of figures.entries()) sums[i]! += figure / files.length;
    print([file.slice(0, 38).padEnd(40), ...figures.map((figure) => figure.toFixed(3).padStart(17))].join(''));
  }
  print(['mean'.padEnd(40), ...Array.from(sums, (figure) => figure.toFixed(3).padStart(17))].join(''));
}
