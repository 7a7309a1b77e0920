import { ShapeError } from '@dl/core';
import { warn } from '../detector/warn';

/**
 * At most all other training rows can be neighbours; more are brought down to that, with a warning, as scikit-learn does.
 *
 * @throws ShapeError where there is a single row, which has no other
 */
export function clipNeighbors(name: string, wanted: number, rows: number): number {
  if (rows < 2) {
    throw new ShapeError(name, `needs at least 2 samples: with n_samples = ${rows} no row has a neighbour`);
  }
  if (wanted < rows) return wanted;
  warn(
    name,
    `nNeighbors (${wanted}) is greater than or equal to the total number of samples (${rows}): ` +
      `it is set to ${rows - 1} for the estimation`,
  );
  return rows - 1;
}
