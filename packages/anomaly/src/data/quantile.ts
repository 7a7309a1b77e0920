/**
 * Percentiles with linear interpolation between the two nearest values. numpy's `percentile`.
 *
 * @param values in any order, without NaN
 * @param q from 0 to 100
 */
export function percentile(values: ArrayLike<number>, q: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), q);
}

/** `percentile` of values in ascending order. */
export function percentileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const at = (q / 100) * (sorted.length - 1);
  const below = Math.floor(at);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  const t = at - below;
  // numpy's lerp: exact at both ends
  return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t);
}

/** The median: the middle value, or the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  return percentile(values, 50);
}

/** The values without NaN: scores of the rows that were judged. */
export function judged(scores: Float64Array): Float64Array {
  return scores.some(Number.isNaN) ? scores.filter((score) => !Number.isNaN(score)) : scores;
}
