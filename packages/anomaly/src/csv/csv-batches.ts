import { createReadStream } from 'node:fs';
import { FormatError } from '@dl/core';
import { CsvError, parse } from 'csv-parse';

/** How a file is to be read. */
export interface CsvOptions {
  /** What separates fields. @default ',' */
  delimiter?: string;
  /** Called with the number of bytes read so far. */
  onBytes?: (bytes: number) => void;
}

/** Some rows of a file, as text. */
export interface CsvBatch {
  readonly path: string;
  /** Names of the columns: the first line of the file. */
  readonly names: readonly string[];
  /** The fields of each row, as many as there are names. */
  readonly records: readonly (readonly string[])[];
  /** The line on which each row ends, from 1. */
  readonly lines: readonly number[];
}

/** Rows in memory at a time. */
const BATCH = 4096;

/**
 * Reads a CSV file batch after batch, so that a file may be larger than memory. RFC 4180, by csv-parse: quoted fields, a byte
 * order mark, either line break. The first line names the columns.
 *
 * @throws FormatError with the line for rows of another length, open quotes, names that are missing or twice
 */
export async function* csvBatches(
  path: string,
  { delimiter = ',', onBytes }: CsvOptions = {},
): AsyncGenerator<CsvBatch> {
  const file = createReadStream(path);
  if (onBytes !== undefined) file.on('data', () => onBytes(file.bytesRead));
  const parser = parse({ bom: true, delimiter, info: true, skip_empty_lines: true, trim: true });
  file.on('error', (error) => parser.destroy(error));
  let names: string[] | undefined;
  let records: string[][] = [];
  let lines: number[] = [];
  try {
    for await (const { record, info } of file.pipe(parser) as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (names === undefined) {
        names = checkedNames(path, record);
        continue;
      }
      records.push(record);
      lines.push(info.lines);
      if (records.length === BATCH) {
        yield { path, names, records, lines };
        [records, lines] = [[], []];
      }
    }
  } catch (error) {
    if (error instanceof CsvError) throw new FormatError(`${path}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    file.destroy();
  }
  if (names === undefined) throw new FormatError(`${path}: is empty; its first line is to name the columns`);
  if (records.length > 0) yield { path, names, records, lines };
}

function checkedNames(path: string, names: string[]): string[] {
  for (const [i, name] of names.entries()) {
    if (name === '') throw new FormatError(`${path}: line 1, column ${i + 1} has no name`);
    if (names.indexOf(name) < i) throw new FormatError(`${path}: line 1 names two columns '${name}'`);
  }
  if (names.every((name) => Number.isFinite(Number(name)))) {
    throw new FormatError(
      `${path}: line 1 holds numbers (${names.slice(0, 3).join(', ')}) where the names of the columns belong`,
    );
  }
  return names;
}
