import { NumericsError } from '@dl/core';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import { requireCompleteRows } from '../detector/complete-rows';
import type { Definition } from '../detector/definition';
import { whole } from '../detector/ranges';
import { cholesky, solveCholesky } from '../linear-algebra/cholesky';
import { requireOneFeature } from './one-feature';
import { requireTimes, requireWindow, windowsOf } from './windows';

/** Options of `ARResidual`. */
export interface ARResidualOptions extends ShareOptions {
  /** From how many of the last values the next one is forecast; from 1 to half the training series. @default 24 */
  order?: number;
}

/** What a fitted `ARResidual` keeps. */
export type ARResidualState = {
  /** Of the values from the oldest to the last, then the constant. `[order + 1]` */
  coefficients: Float64Array;
};

/** Added to the diagonal of the normal equations. */
const RIDGE = 1e-3;

/**
 * How far a value is from what a linear forecast from the `order` values before it says: score = -|x_t - c - sum_k a_k
 * x_{t-k}|, fitted by least squares with a ridge of 0.001. The best for single odd values; blind for what changes slowly.
 * The first `order` times take the score of the first forecast.
 */
export const arResidual: Definition<ARResidualOptions, ARResidualState> = {
  name: 'ARResidual',
  ranges: { ...shareRanges, order: whole(24) },
  fit(rows, { order }) {
    requireOneFeature(rows, 'ARResidual');
    requireTimes(rows.rows, 4, 'ARResidual', 'a fit');
    requireWindow('ARResidual', 'order', order, rows.rows);
    const { data, rows: count, columns } = requireCompleteRows(windowsOf(rows, order + 1, 'ARResidual'), 'ARResidual');
    const p = columns; // the target's column takes the constant
    const matrix = new Float64Array(p * p);
    const target = new Float64Array(p);
    const given = new Float64Array(p).fill(1);
    for (let i = 0; i < count; i++) {
      given.set(data.subarray(i * columns, i * columns + order));
      const next = data[i * columns + order]!;
      for (let a = 0; a < p; a++) {
        target[a]! += given[a]! * next;
        for (let b = 0; b <= a; b++) matrix[a * p + b]! += given[a]! * given[b]!;
      }
    }
    let trace = 0;
    for (let a = 0; a < p; a++) trace += matrix[a * (p + 1)]!;
    // Beside very large values the ridge is lost in rounding: then it is as much as rounding is.
    for (let a = 0; a < p; a++) matrix[a * (p + 1)]! += Math.max(RIDGE, 1e-13 * trace);
    const l = cholesky(matrix, p);
    if (l === undefined) {
      throw new NumericsError('ARResidual: the values are too large beside their changes; subtract their mean before');
    }
    return { state: { coefficients: solveCholesky(l, target) } };
  },
  score({ coefficients }, rows) {
    const order = coefficients.length - 1;
    requireTimes(rows.rows, order + 1, 'ARResidual', `a forecast of order ${order}`);
    const scores = new Float64Array(rows.rows);
    for (let t = order; t < rows.rows; t++) {
      let forecast = coefficients[order]!;
      for (let k = 0; k < order; k++) forecast += coefficients[k]! * rows.data[t - order + k]!;
      scores[t] = -Math.abs(rows.data[t]! - forecast);
    }
    return scores.fill(scores[order]!, 0, order);
  },
  holes: 'scored',
  layout: { coefficients: 'float64' },
  faultOf: ({ coefficients }, columns, { order }) =>
    columns === 1 && coefficients.length === order + 1
      ? undefined
      : `${coefficients.length} coefficients for a forecast from ${order} values of ${columns} features`,
};
