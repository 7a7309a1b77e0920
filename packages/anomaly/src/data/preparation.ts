import { minMaxScaler, standardScaler } from '@dl/core/data';
import { column, type Matrix } from './matrix';
import { percentile, percentileOfSorted } from './quantile';

/** What was learnt of the training data to prepare rows: what stands for NaN, and an affine map of each feature. */
export interface Preparation {
  /** Stands for NaN; empty where nothing does. */
  readonly fill: Float64Array;
  /** Subtracted, empty where features are not scaled. */
  readonly shift: Float64Array;
  /** Multiplied after that. */
  readonly factor: Float64Array;
}

/** Learns from training rows; NaN is passed over. */
export function learnPreparation(
  rows: Matrix,
  missing: 'error' | 'impute' | 'skip',
  scaler: 'none' | 'standard' | 'minMax' | 'robust',
): Preparation {
  const none = new Float64Array(0);
  if (missing !== 'impute' && scaler === 'none') return { fill: none, shift: none, factor: none };
  const fill = new Float64Array(missing === 'impute' ? rows.columns : 0);
  const scaled = scaler === 'none' ? 0 : rows.columns;
  const [shift, factor] = [new Float64Array(scaled), new Float64Array(scaled)];
  for (let f = 0; f < rows.columns; f++) {
    const present = column(rows, f).filter((value) => !Number.isNaN(value));
    if (missing === 'impute') fill[f] = present.length === 0 ? 0 : percentile(present, 50);
    if (scaler === 'none') continue;
    const map = present.length === 0 ? { shift: 0, factor: 1 } : affine(present, scaler);
    shift[f] = map.shift;
    factor[f] = map.factor;
  }
  return { fill, shift, factor };
}

function affine(values: Float64Array, scaler: 'standard' | 'minMax' | 'robust'): { shift: number; factor: number } {
  if (scaler === 'standard') {
    const { mean, scale } = standardScaler(values);
    return { shift: mean[0]!, factor: 1 / scale[0]! };
  }
  if (scaler === 'minMax') {
    const { dataMin, scale } = minMaxScaler(values);
    return { shift: dataMin[0]!, factor: scale[0]! };
  }
  const sorted = values.slice().sort();
  const width = percentileOfSorted(sorted, 75) - percentileOfSorted(sorted, 25);
  return { shift: percentileOfSorted(sorted, 50), factor: width > 10 * Number.EPSILON ? 1 / width : 1 };
}

/** Rows as the detector sees them; the same ones where there is nothing to do. */
export function prepare(rows: Matrix, { fill, shift, factor }: Preparation): Matrix {
  if (fill.length === 0 && shift.length === 0) return rows;
  const prepared = { ...rows, data: new Float64Array(rows.data.length) };
  for (let i = 0, at = 0; i < rows.rows; i++) {
    for (let f = 0; f < rows.columns; f++, at++) {
      let value = rows.data[at]!;
      if (fill.length > 0 && Number.isNaN(value)) value = fill[f]!;
      prepared.data[at] = shift.length > 0 ? (value - shift[f]!) * factor[f]! : value;
    }
  }
  return prepared;
}
