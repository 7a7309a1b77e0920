import type { Key } from '@dl/core';
import { NumericsError } from '@dl/core';
import type { Matrix } from '../data/matrix';

/** Where the descent stands: everything that the next row changes. */
export type SgdProgress = {
  /** Weights, `[features]`. */
  coef: Float64Array;
  /** 1 - the offset of the boundary. */
  intercept: number;
  /** Mean of the weights since averaging began, `[features]`; empty without averaging. */
  averageCoef: Float64Array;
  averageIntercept: number;
  /** 1 and the number of rows seen, for the learning rate. */
  t: number;
  /** Times through the data. */
  epochs: number;
};

/** How to descend. */
export interface SgdRule {
  nu: number;
  fitIntercept: boolean;
  maxIter: number;
  /** Undefined: go on to the last time. */
  tol: number | undefined;
  shuffle: boolean;
  learningRate: 'constant' | 'optimal' | 'invscaling' | 'adaptive';
  eta0: number;
  powerT: number;
  /** Rows after which averaging begins; 0 for none. */
  average: number;
  key: Key;
}

/** Times without gain after which the descent stops, or slows down. */
const PATIENCE = 5;

/** Weights and offset of 0, and nothing seen. */
export function sgdStart(columns: number, average: number): SgdProgress {
  return {
    coef: new Float64Array(columns),
    intercept: 1, // an offset of 0
    averageCoef: new Float64Array(average > 0 ? columns : 0),
    averageIntercept: 0,
    t: 1,
    epochs: 0,
  };
}

/**
 * Minimises nu/2 |w|^2 + nu b + mean over rows of max(0, 1 - (w . x + b)) one row at a time: scikit-learn's `_plain_sgd` with
 * `one_class=1`, b the intercept and 1 - b the offset.
 *
 * @returns where it stands then, and how many times it went through the data
 */
export function sgdOneClass(
  from: SgdProgress,
  { data, rows: n, columns: d }: Matrix,
  weights: Float64Array | undefined,
  rule: SgdRule,
): { progress: SgdProgress; iterations: number; converged: boolean } {
  const alpha = rule.nu / 2;
  const { learningRate, average, powerT } = rule;
  const w = from.coef.slice();
  const averaged = from.averageCoef.slice();
  let { intercept, averageIntercept, t, epochs } = from;
  let scale = 1; // the weights are scale * w: shrinking them costs one multiplication
  let eta = rule.eta0;
  const optimalStart = 1 / (Math.sqrt(1 / Math.sqrt(alpha)) * alpha);
  let [best, waited, iterations, converged] = [Number.POSITIVE_INFINITY, 0, 0, false];

  while (iterations < rule.maxIter && !converged) {
    const order = rule.shuffle ? rule.key.fold(epochs).permutation(n) : undefined;
    let loss = 0;
    for (let step = 0; step < n; step++) {
      const i = order === undefined ? step : order[step]!;
      const row = i * d;
      let p = 0;
      for (let f = 0; f < d; f++) p += w[f]! * data[row + f]!;
      p = p * scale + intercept;
      if (learningRate === 'optimal') eta = 1 / (alpha * (optimalStart + t - 1));
      else if (learningRate === 'invscaling') eta = rule.eta0 / t ** powerT;
      const inside = p > 1;
      if (!inside) loss += 1 - p;
      const update = inside ? 0 : eta * (weights === undefined ? 1 : weights[i]!);
      scale *= Math.max(0, 1 - eta * alpha);
      if (scale < 1e-9) {
        for (let f = 0; f < d; f++) w[f]! *= scale;
        scale = 1;
      }
      if (update !== 0) for (let f = 0; f < d; f++) w[f]! += (update / scale) * data[row + f]!;
      if (rule.fitIntercept) intercept += update - 2 * eta * alpha;
      if (average > 0 && average <= t) {
        const count = t - average + 1;
        for (let f = 0; f < d; f++) averaged[f]! += (scale * w[f]! - averaged[f]!) / count;
        averageIntercept += (intercept - averageIntercept) / count;
      }
      t++;
    }
    iterations++;
    epochs++;
    if (!Number.isFinite(intercept) || !w.every(Number.isFinite)) {
      throw new NumericsError(
        'SGDOneClassSVM: Floating-point under-/overflow occurred at epoch #' +
          `${iterations}. Scaling input data (scaler: 'standard') or a lower eta0 might help`,
      );
    }
    waited = rule.tol !== undefined && loss > best - rule.tol * n ? waited + 1 : 0;
    best = Math.min(best, loss);
    if (waited >= PATIENCE) {
      if (learningRate === 'adaptive' && eta > 1e-6) {
        eta /= 5;
        waited = 0;
      } else {
        converged = true;
      }
    }
  }
  for (let f = 0; f < d; f++) w[f]! *= scale;
  return {
    progress: { coef: w, intercept, averageCoef: averaged, averageIntercept, t, epochs },
    iterations,
    converged,
  };
}
