import { ConfigError } from '@dl/core';
import { rangesOf, requireAsMany, type TimeRange } from './ranges';

/** Precision, recall, and their harmonic mean. */
export interface RangeScores {
  precision: number;
  recall: number;
  f1: number;
}

/** What counts in a range. */
export interface RangeF1Options {
  /** How much of the recall of an anomaly it is to be hit at all, from 0 to 1; the rest is how much of it is covered. @default 0 */
  existence?: number;
  /**
   * Where in an anomaly an alarm counts most: everywhere the same, at its beginning, middle or end; for recall.
   * @default 'flat'
   */
  bias?: 'flat' | 'front' | 'middle' | 'back';
  /** Whether a range covered by x pieces counts 1 / x of its cover, or all of it. @default 'reciprocal' */
  cardinality?: 'reciprocal' | 'one';
}

/**
 * Precision and recall of ranges: each anomaly (for recall) and each alarm (for precision) counts once, by the share of it
 * that is covered. Tatbul, Lee, Zdonik, Alam, Gottschlich (NeurIPS 2018).
 *
 * @param alarms 1 or true for each time that is called anomalous
 * @param truth 1 or true for each time that is
 * @returns NaN for precision without an alarm, for recall without an anomaly; F1 is 0 where nothing is found
 *
 * @example
 * ```ts
 * import { rangeF1 } from '@dl/anomaly';
 *
 * rangeF1([0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0]); // half of the alarm is right, half of the anomaly found
 * ```
 */
export function rangeF1(
  alarms: ArrayLike<number | boolean>,
  truth: ArrayLike<number | boolean>,
  { existence = 0, bias = 'flat', cardinality = 'reciprocal' }: RangeF1Options = {},
): RangeScores {
  if (!(existence >= 0 && existence <= 1))
    throw new ConfigError('rangeF1', `'existence' is ${existence}, not from 0 to 1`);
  requireAsMany('rangeF1', alarms, truth);
  const [predicted, real] = [rangesOf('rangeF1', alarms), rangesOf('rangeF1', truth)];
  const mean = (of: readonly TimeRange[], by: readonly TimeRange[], weight: number, where: typeof bias) =>
    of.reduce((sum, range) => sum + covered(range, by, weight, where, cardinality), 0) / of.length;
  const precision = mean(predicted, real, 0, 'flat');
  const recall = mean(real, predicted, existence, bias);
  const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { precision, recall, f1: predicted.length + real.length === 0 ? Number.NaN : f1 };
}

function covered(
  { start, end }: TimeRange,
  by: readonly TimeRange[],
  existence: number,
  bias: NonNullable<RangeF1Options['bias']>,
  cardinality: NonNullable<RangeF1Options['cardinality']>,
): number {
  const length = end - start;
  const weight = (i: number) =>
    bias === 'flat' ? 1 : bias === 'front' ? length - i : bias === 'back' ? i + 1 : Math.min(i + 1, length - i);
  let [pieces, cover, all] = [0, 0, 0];
  for (let i = 0; i < length; i++) all += weight(i);
  for (const other of by) {
    const [from, to] = [Math.max(start, other.start), Math.min(end, other.end)];
    if (from >= to) continue;
    pieces++;
    for (let t = from; t < to; t++) cover += weight(t - start);
  }
  if (pieces === 0) return 0;
  return existence + (1 - existence) * (cover / all) * (cardinality === 'one' ? 1 : 1 / pieces);
}
