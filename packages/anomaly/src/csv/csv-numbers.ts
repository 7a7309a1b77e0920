import { FormatError } from '@dl/core';
import type { CsvBatch } from './csv-batches';

/** What stands for no value. */
const HOLES = new Set(['', 'na', 'nan', 'null', 'n/a', '?']);

/**
 * Some columns of a batch as numbers, row-major; NaN where there is no value (an empty field, NA, NaN, null, N/A, ?).
 *
 * @param columns names of the columns, in the order wanted
 * @param missing whether fields may be without a value
 * @throws FormatError with line and column for what is no finite number, and for columns that are not in the file
 */
export function csvNumbers(
  { path, names, records, lines }: CsvBatch,
  columns: readonly string[],
  missing: 'error' | 'allow',
): { data: Float64Array; shape: [number, number] } {
  const places = columns.map((name) => {
    const place = names.indexOf(name);
    if (place < 0) throw new FormatError(`${path}: has no column '${name}'; it has ${names.join(', ')}`);
    return place;
  });
  const data = new Float64Array(records.length * columns.length);
  let at = 0;
  for (const [i, record] of records.entries()) {
    for (const place of places) {
      const text = record[place]!;
      const hole = HOLES.has(text.toLowerCase());
      const value = hole ? Number.NaN : Number(text);
      if (!Number.isFinite(value) && !(hole && missing === 'allow')) {
        const where = `${path}: line ${lines[i]}, column '${names[place]}'`;
        throw new FormatError(
          hole
            ? `${where} has no value (missing: impute takes the median of the training rows)`
            : `${where}: ${JSON.stringify(text)} is not a finite number (ignore: leaves a column out)`,
        );
      }
      data[at++] = value;
    }
  }
  return { data, shape: [records.length, columns.length] };
}
