import type { Kernels } from '../kernels.generated';
import { cholesky, invertLower } from '../linear-algebra/cholesky';
import type { Lease } from '../memory/lease';
import { illDefined } from './ill-defined';
import { covarianceSize, LEAST_TOTAL, type Mixture, type Steps } from './mixture';

/** Steps for covariances between features, of each component or tied; `x` are the rows `[n, d]` in the memory of the kernels. */
export function fullSteps(
  kernels: Kernels,
  lease: Lease,
  x: number,
  [n, d, k]: readonly [number, number, number],
  { tied, regCovar }: { tied: boolean; regCovar: number },
): Steps {
  const type = tied ? 'tied' : 'full';
  const [weights, mean, matrix] = [lease.bytes(8 * n), lease.bytes(8 * d), lease.bytes(8 * d * d)];
  const [packed, lengths] = [lease.bytes(kernels.panelBytes(d, d)), lease.bytes(8 * n)];
  const scratch = lease.bytes(Math.max(kernels.scatterScratch(d), kernels.squaredLengthsScratch(d)));

  /** Puts a covariance and its whitening at a place. */
  const place = (mixture: Mixture, at: number, covariance: Float64Array) => {
    for (let f = 0; f < d; f++) covariance[f * (d + 1)]! += regCovar;
    const l = cholesky(covariance, d);
    if (l === undefined) throw illDefined();
    mixture.covariances.set(covariance, at);
    mixture.whitenings.set(invertLower(l, d), at);
  };

  return {
    maximise(shares) {
      const mixture = {
        weights: new Float64Array(k),
        means: new Float64Array(k * d),
        covariances: new Float64Array(covarianceSize(type, k, d)),
        whitenings: new Float64Array(covarianceSize(type, k, d)),
      };
      const together = new Float64Array(tied ? d * d : 0);
      for (let c = 0; c < k; c++) {
        lease.write(weights, shares.subarray(c * n, (c + 1) * n));
        const total = kernels.scatter(n, d, x, 0, weights, 0, mean, matrix, scratch) + LEAST_TOTAL;
        mixture.weights[c] = total / n;
        mixture.means.set(lease.float64(mean, d), c * d);
        const sums = lease.float64(matrix, d * d);
        if (tied) for (let at = 0; at < sums.length; at++) together[at]! += sums[at]! / n;
        else
          place(
            mixture,
            c * d * d,
            sums.map((sum) => sum / total),
          );
      }
      if (tied) place(mixture, 0, together);
      return mixture;
    },
    densities({ weights: shares, means, whitenings }) {
      const densities = new Float64Array(k * n);
      for (let c = 0; c < k; c++) {
        const whitening = tied ? whitenings : whitenings.subarray(c * d * d, (c + 1) * d * d);
        let logScale = Math.log(shares[c]!) - 0.5 * d * Math.log(2 * Math.PI);
        for (let f = 0; f < d; f++) logScale += Math.log(whitening[f * (d + 1)]!);
        lease.write(mean, means.subarray(c * d, (c + 1) * d));
        lease.write(matrix, whitening);
        kernels.packRows(d, d, matrix, packed);
        kernels.squaredLengths(n, d, d, x, mean, packed, 1, lengths, scratch);
        const squares = lease.float64(lengths, n);
        for (let i = 0; i < n; i++) densities[c * n + i] = logScale - 0.5 * squares[i]!;
      }
      return densities;
    },
  };
}
