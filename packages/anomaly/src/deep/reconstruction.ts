import type { Matrix } from '../data/matrix';

/** Squared differences over the number of features, `[rows, features]`: the contributions to a reconstruction error. */
export function squaredErrors({ data, columns }: Matrix, output: Matrix): Float64Array {
  return data.map((value, i) => (value - output.data[i]!) ** 2 / columns);
}

/** The negative sum of each row's contributions. */
export function negativeSums(contributions: Float64Array, rows: number): Float64Array {
  const columns = contributions.length / rows;
  const scores = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) for (let f = 0; f < columns; f++) scores[i]! -= contributions[at++]!;
  return scores;
}

/** Halving sizes for d features, when none are given: half of them and a quarter, at most 64 and 32. */
export function halvingSizes(features: number): number[] {
  return [Math.min(64, Math.ceil(features / 2)), Math.min(32, Math.ceil(features / 4))];
}
