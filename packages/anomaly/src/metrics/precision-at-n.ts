import { ConfigError } from '@dl/core';
import { rank } from './ranking';

/**
 * The share of anomalies among the n most abnormal rows. Of rows with the score of the n-th, as many as there is room for
 * count with the share of anomalies among them, which is the mean over all ways to order them.
 *
 * @param scores bigger for more abnormal: the negative of what a detector gives
 * @param truth 1 or true for an anomaly, 0 or false for a normal row
 * @param n how many rows are looked at @default as many as there are anomalies
 * @returns NaN where there is no anomaly and no n
 * @throws ConfigError for an n outside of 1 to the number of rows
 *
 * @example
 * ```ts
 * import { precisionAtN } from '@dl/anomaly';
 *
 * precisionAtN([0.9, 0.8, 0.3, 0.1], [1, 0, 1, 0]); // 0.5
 * ```
 */
export function precisionAtN(scores: ArrayLike<number>, truth: ArrayLike<number | boolean>, n?: number): number {
  const { order, anomalies } = rank('precisionAtN', scores, truth);
  const size = n ?? anomalies;
  if (n === undefined && anomalies === 0) return Number.NaN;
  if (!Number.isInteger(size) || size < 1 || size > scores.length) {
    throw new ConfigError('precisionAtN', `n is ${size}, of ${scores.length} rows`, `n is a whole number from 1 on`);
  }
  const limit = scores[order[size - 1]!]!;
  let [above, found, level, levelFound] = [0, 0, 0, 0];
  for (const i of order) {
    if (scores[i]! < limit) break;
    const hit = Number(truth[i]);
    if (scores[i]! > limit) {
      above++;
      found += hit;
    } else {
      level++;
      levelFound += hit;
    }
  }
  return (found + ((size - above) * levelFound) / level) / size;
}
