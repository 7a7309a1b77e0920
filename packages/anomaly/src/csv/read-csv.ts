import { FormatError } from '@dl/core';
import { type CsvOptions, csvBatches } from './csv-batches';
import { csvNumbers } from './csv-numbers';

/** What of a file is read, and how. */
export interface ReadCsvOptions extends Pick<CsvOptions, 'delimiter'> {
  /** Names of the columns wanted, in this order. @default all */
  columns?: readonly string[];
  /** Names of columns to leave out, such as text. @default none */
  ignore?: readonly string[];
}

/**
 * Reads the numbers of a CSV file whose first line names the columns: columns by name, as every detector takes them. NaN
 * where a field is empty, NA, NaN, null, N/A or ?; a detector's option `missing` says what becomes of it. Node only.
 *
 * @param path the file
 * @throws FormatError naming line and column for what is no finite number, for rows of another length and names that are
 * missing, twice or not in the file
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { outlier } from '@dl/anomaly';
 * import { readCsv } from '@dl/anomaly/csv';
 *
 * await writeFile('visits.csv', 'who,pages,minutes\nann,3,2\nbob,4,3\ncid,90,1\ndee,3,\n');
 * const visits = await readCsv('visits.csv', { ignore: ['who'] });
 * const pages = visits.pages; // [3, 4, 90, 3]
 * const labels = new outlier.HBOS({ missing: 'impute' }).fitPredict(visits);
 * ```
 */
export async function readCsv(
  path: string,
  { columns, ignore = [], delimiter = ',' }: ReadCsvOptions = {},
): Promise<Record<string, Float64Array>> {
  let features: readonly string[] | undefined;
  const parts: { data: Float64Array; shape: [number, number] }[] = [];
  for await (const batch of csvBatches(path, { delimiter })) {
    const unknown = ignore.find((name) => !batch.names.includes(name));
    if (unknown !== undefined)
      throw new FormatError(`${path}: has no column '${unknown}'; it has ${batch.names.join(', ')}`);
    features ??= (columns ?? batch.names).filter((name) => !ignore.includes(name));
    parts.push(csvNumbers(batch, features, 'allow'));
  }
  if (features === undefined) throw new FormatError(`${path}: has no rows`);
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  return Object.fromEntries(
    features.map((name, j) => {
      const column = new Float64Array(rows);
      let at = 0;
      for (const { data, shape } of parts) for (let i = j; i < data.length; i += shape[1]) column[at++] = data[i]!;
      return [name, column];
    }),
  );
}
