import type { Matrix } from '../data/matrix';
import { illDefined } from './ill-defined';
import { LEAST_TOTAL, type Steps } from './mixture';

/** Steps for features that vary each for itself, or all alike. */
export function diagonalSteps(
  { data, rows: n, columns: d }: Matrix,
  k: number,
  { spherical, regCovar }: { spherical: boolean; regCovar: number },
): Steps {
  return {
    maximise(shares) {
      const [weights, means] = [new Float64Array(k), new Float64Array(k * d)];
      const covariances = new Float64Array(spherical ? k : k * d);
      for (let c = 0; c < k; c++) {
        const own = shares.subarray(c * n, (c + 1) * n);
        const total = own.reduce((sum, share) => sum + share, 0) + LEAST_TOTAL;
        const mean = means.subarray(c * d, (c + 1) * d);
        for (let i = 0, at = 0; i < n; i++) for (let f = 0; f < d; f++, at++) mean[f]! += (own[i]! * data[at]!) / total;
        const variances = new Float64Array(d);
        for (let i = 0, at = 0; i < n; i++) {
          for (let f = 0; f < d; f++, at++) variances[f]! += (own[i]! * (data[at]! - mean[f]!) ** 2) / total;
        }
        weights[c] = total / n;
        if (spherical) covariances[c] = variances.reduce((sum, variance) => sum + variance, 0) / d + regCovar;
        else for (let f = 0; f < d; f++) covariances[c * d + f] = variances[f]! + regCovar;
      }
      if (!covariances.every((variance) => variance > 0)) throw illDefined();
      return { weights, means, covariances, whitenings: covariances.map((variance) => 1 / Math.sqrt(variance)) };
    },
    densities({ weights, means, whitenings }) {
      const densities = new Float64Array(k * n);
      for (let c = 0; c < k; c++) {
        const mean = means.subarray(c * d, (c + 1) * d);
        const scale = spherical ? new Float64Array(d).fill(whitenings[c]!) : whitenings.subarray(c * d, (c + 1) * d);
        let logScale = Math.log(weights[c]!) - 0.5 * d * Math.log(2 * Math.PI);
        for (let f = 0; f < d; f++) logScale += Math.log(scale[f]!);
        for (let i = 0, at = 0; i < n; i++) {
          let square = 0;
          for (let f = 0; f < d; f++, at++) square += ((data[at]! - mean[f]!) * scale[f]!) ** 2;
          densities[c * n + i] = logScale - 0.5 * square;
        }
      }
      return densities;
    },
  };
}
