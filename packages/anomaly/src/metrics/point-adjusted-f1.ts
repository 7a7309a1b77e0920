import { ConfigError, type Key, key as keyOf } from '@dl/core';
import { rangesOf, requireScores, type TimeRange } from './ranges';

/** A point-adjusted F1, and what chance gets. */
export interface PointAdjustedF1 {
  /** The largest over all thresholds. */
  f1: number;
  /** The mean of the same for uniform random scores: what the figure is worth nothing below. */
  random: number;
}

/** How the baseline is drawn. */
export interface PointAdjustedOptions {
  /** How many random scores. @default 5 */
  draws?: number;
  /** Where they come from. @default key(0) */
  key?: Key;
}

/**
 * The largest F1 where an anomaly counts as found as a whole once one of its times is: a figure of many papers, by which
 * random scores look excellent (0.97 on two long anomalies), so that it comes only together with that of random scores.
 * Do not choose a detector by it; `volumeUnderSurface` and `affiliation` are for that. Kim et al. (AAAI 2022).
 *
 * @param scores bigger for more abnormal, one a time
 * @param truth 1 or true for an anomalous time, 0 or false for a normal one
 * @returns NaN for both where there is no anomaly
 *
 * @example
 * ```ts
 * import { pointAdjustedF1 } from '@dl/anomaly';
 *
 * const { f1, random } = pointAdjustedF1([0, 0.9, 0.1, 0.2, 0], [0, 1, 1, 1, 0]);
 * console.log(f1, random); // chance is not far below
 * ```
 */
export function pointAdjustedF1(
  scores: ArrayLike<number>,
  truth: ArrayLike<number | boolean>,
  { draws = 5, key = keyOf(0) }: PointAdjustedOptions = {},
): PointAdjustedF1 {
  if (!Number.isInteger(draws) || draws < 1)
    throw new ConfigError('pointAdjustedF1', `'draws' is ${draws}, not at least 1`);
  requireScores('pointAdjustedF1', scores, truth);
  const anomalies = rangesOf('pointAdjustedF1', truth);
  if (anomalies.length === 0) return { f1: Number.NaN, random: Number.NaN };
  let random = 0;
  for (const draw of key.split(draws)) random += best(draw.uniform(scores.length), anomalies) / draws;
  return { f1: best(scores, anomalies), random };
}

function best(scores: ArrayLike<number>, anomalies: readonly TimeRange[]): number {
  const adjusted = Float64Array.from(scores);
  const marked = new Uint8Array(scores.length);
  for (const { start, end } of anomalies) {
    let most = Number.NEGATIVE_INFINITY;
    for (let t = start; t < end; t++) most = Math.max(most, scores[t]!);
    adjusted.fill(most, start, end); // found at a threshold as soon as its highest time is
    marked.fill(1, start, end);
  }
  const positives = marked.reduce((sum, mark) => sum + mark, 0);
  const order = Uint32Array.from(adjusted, (_, t) => t).sort((a, b) => adjusted[b]! - adjusted[a]!);
  let [hits, highest] = [0, 0];
  for (let k = 0; k < order.length; k++) {
    hits += marked[order[k]!]!;
    if (k + 1 < order.length && adjusted[order[k + 1]!] === adjusted[order[k]!]) continue;
    highest = Math.max(highest, (2 * hits) / (k + 1 + positives));
  }
  return highest;
}
