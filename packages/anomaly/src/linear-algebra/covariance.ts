import type { Matrix } from '../data/matrix';
import { withKernels } from '../memory/kernels';

/** Mean and covariance of rows. */
export interface Moments {
  /** `[features]` */
  mean: Float64Array;
  /** `[features, features]`, divided by the number of rows (or the sum of weights). */
  covariance: Float64Array;
}

/**
 * Mean and covariance by maximum likelihood: divided by n, not by n - 1. scikit-learn's `empirical_covariance`.
 *
 * @param mean taken as given where there is one: zeros for data that is centred by assumption
 */
export function momentsOf(rows: Matrix, mean?: Float64Array): Moments {
  const { rows: m, columns: d } = rows;
  return withKernels((kernels, lease) => {
    const toMean = lease.put(mean ?? new Float64Array(d));
    const sums = lease.bytes(8 * d * d);
    const scratch = lease.bytes(kernels.scatterScratch(d));
    const total = kernels.scatter(m, d, lease.put(rows.data), 0, 0, mean === undefined ? 0 : 1, toMean, sums, scratch);
    return normalised(lease.float64(toMean, d), lease.float64(sums, d * d), total);
  });
}

/**
 * Moments from the sum of squares around the mean, by the number of rows (or sum of weights); in place. What rounding alone
 * makes of a constant feature becomes 0, as in scikit-learn's `_is_constant_feature`.
 */
export function normalised(mean: Float64Array, covariance: Float64Array, total: number): Moments {
  const d = mean.length;
  for (let i = 0; i < covariance.length; i++) covariance[i]! /= total;
  for (let f = 0; f < d; f++) {
    if (covariance[f * (d + 1)]! > (total * Number.EPSILON * mean[f]!) ** 2) continue;
    for (let g = 0; g < d; g++) {
      covariance[f * d + g] = 0;
      covariance[g * d + f] = 0;
    }
  }
  return { mean, covariance };
}
