import { ShapeError } from '@dl/core';
import type { Matrix } from '../data/matrix';

/** Refuses a series of several features. */
export function requireOneFeature({ rows, columns }: Matrix, where: string): void {
  if (columns === 1) return;
  throw new ShapeError(
    where,
    'takes a series of one feature',
    [{ label: 'X', shape: [rows, columns], axes: ['times', 'features'] }],
    'fit one for each feature, or use a detector of windows: SubPCA',
  );
}
