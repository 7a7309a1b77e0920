import type { Matrix } from './matrix';

/** The mean of each column, `[columns]`. */
export function columnMeans({ data, rows, columns }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) for (let f = 0; f < columns; f++) mean[f]! += data[at++]! / rows;
  return mean;
}
