import { ConfigError } from '@dl/core';

/**
 * Which hypotheses to reject so that at most the share alpha of the rejected ones is expected to be true: the false
 * discovery rate. Of the p-values in ascending order, all up to the last with p(k) <= alpha k / m.
 *
 * Benjamini, Hochberg (1995); statsmodels' `multipletests(method='fdr_bh')`.
 *
 * @param pValues one for each hypothesis: for each row, that it is normal
 * @param alpha the share, 0 < alpha < 1
 * @returns 1 for each rejected one, 0 for the others
 * @throws ConfigError for an alpha out of range and for what is no p-value
 *
 * @example
 * ```ts
 * import { benjaminiHochberg } from '@dl/anomaly';
 *
 * benjaminiHochberg([0.001, 0.3, 0.02], 0.05); // [1, 0, 1]
 * ```
 */
export function benjaminiHochberg(pValues: ArrayLike<number>, alpha: number): Uint8Array<ArrayBuffer> {
  requireAlpha('benjaminiHochberg', alpha);
  const m = pValues.length;
  for (let i = 0; i < m; i++) {
    if (!(pValues[i]! >= 0 && pValues[i]! <= 1))
      throw new ConfigError('benjaminiHochberg', `p-value ${i} is ${pValues[i]}`);
  }
  const counts = new Map<number, number>();
  for (let i = 0; i < m; i++) counts.set(pValues[i]!, (counts.get(pValues[i]!) ?? 0) + 1);
  const limit = rejectionLimit(counts, alpha);
  return Uint8Array.from(pValues, (p) => Number(p <= limit));
}

/** The largest p-value that is rejected, out of how often each one occurs; -1 where none is. */
export function rejectionLimit(counts: ReadonlyMap<number, number>, alpha: number): number {
  const levels = Float64Array.from(counts.keys()).sort();
  let m = 0;
  for (const count of counts.values()) m += count;
  let [limit, k] = [-1, 0];
  for (const p of levels) {
    k += counts.get(p)!;
    if (p <= (alpha * k) / m) limit = p;
  }
  return limit;
}

/** @throws ConfigError for an alpha out of range */
export function requireAlpha(where: string, alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new ConfigError(where, `alpha is ${alpha}`, '0 < alpha < 1');
}
