import type { Matrix } from '../data/matrix';
import type { Whitening } from '../linear-algebra/whitening';

/** A whitening as a fitted detector keeps it: square and lower triangular, or of fewer rows and full. */
export function whiteningIn(matrix: Float64Array, columns: number): Whitening {
  const rows = matrix.length / columns;
  let triangular = rows === columns;
  for (let i = 0; triangular && i < columns; i++) {
    for (let j = i + 1; triangular && j < columns; j++) triangular = matrix[i * columns + j] === 0;
  }
  return { matrix, rows, triangular };
}

/**
 * What each feature adds to the squared Mahalanobis distance: (x - m)_f (P (x - m))_f, whose sum it is. A feature that
 * makes up for another can add less than nothing.
 */
export function distanceContributions(location: Float64Array, precision: Float64Array, rows: Matrix): Float64Array {
  const d = rows.columns;
  const contributions = new Float64Array(rows.data.length);
  const centred = new Float64Array(d);
  for (let i = 0; i < rows.rows; i++) {
    for (let f = 0; f < d; f++) centred[f] = rows.data[i * d + f]! - location[f]!;
    for (let f = 0; f < d; f++) {
      let sum = 0;
      for (let g = 0; g < d; g++) sum += precision[f * d + g]! * centred[g]!;
      contributions[i * d + f] = centred[f]! * sum;
    }
  }
  return contributions;
}

/** What is wrong with the arrays of a detector by Mahalanobis distance. */
export function faultOfWhitening(
  state: { location: Float64Array; covariance: Float64Array; precision: Float64Array; whitening: Float64Array },
  columns: number,
): string | undefined {
  const { location, covariance, precision, whitening } = state;
  if (location.length !== columns) return `a mean of ${location.length} features, not ${columns}`;
  if (covariance.length !== columns ** 2 || precision.length !== columns ** 2) {
    return `covariance and precision are not of ${columns} by ${columns} features`;
  }
  return whitening.length % columns === 0 && whitening.length <= columns ** 2
    ? undefined
    : `a whitening matrix of ${whitening.length} numbers for ${columns} features`;
}
