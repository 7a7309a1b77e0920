import { ConfigError } from '@dl/core';
import { rangesOf, requireScores, type TimeRange } from './ranges';

/** The volumes under both surfaces. */
export interface VolumeUnderSurface {
  /** Mean area under the ROC curve, over all tolerances. */
  vusROC: number;
  /** Mean area under the precision-recall curve, over all tolerances. */
  vusPR: number;
}

/** How the volumes are taken. */
export interface VolumeOptions {
  /** The largest tolerance, in times; a sensible one is the period of the series. @default 100 */
  window?: number;
  /** At how many thresholds, evenly over the ranks of the scores. @default 250 */
  thresholds?: number;
}

/**
 * VUS-ROC and VUS-PR: areas under curves that forgive a miss by a few times, averaged over all tolerances from 0 to
 * `window`. With tolerance l, the truth of a time at distance d <= l / 2 from an anomaly is sqrt(1 - d / l) rather than
 * 0, and recall is multiplied by the share of anomalies that were hit at all. Paparrizos et al. (VLDB 2022); agrees with
 * TSB-AD's `RangeAUC_volume_opt`. A random score has a VUS-PR of about the share of anomalous times, and somewhat more for
 * large windows: always look at it beside that of a random score.
 *
 * @param scores bigger for more abnormal, one a time: the negative of what a detector gives
 * @param truth 1 or true for an anomalous time, 0 or false for a normal one
 * @returns NaN for both where there is no anomaly, or nothing else
 * @throws ShapeError, NumericsError, ConfigError for scores, marks and options that are none
 *
 * @example
 * ```ts
 * import { volumeUnderSurface } from '@dl/anomaly';
 *
 * const truth = [0, 0, 0, 0, 1, 1, 0, 0, 0, 0];
 * volumeUnderSurface([0, 0, 0, 0, 0.9, 0.8, 0, 0, 0.1, 0], truth, { window: 2 });
 * ```
 */
export function volumeUnderSurface(
  scores: ArrayLike<number>,
  truth: ArrayLike<number | boolean>,
  { window = 100, thresholds = 250 }: VolumeOptions = {},
): VolumeUnderSurface {
  const where = 'volumeUnderSurface';
  for (const [name, value, least] of [
    ['window', window, 0],
    ['thresholds', thresholds, 2],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new ConfigError(where, `'${name}' is ${value}, and must be an int in the range [${least}, inf)`);
    }
  }
  requireScores(where, scores, truth);
  const anomalies = rangesOf(where, truth);
  const marked = anomalies.reduce((sum, { start, end }) => sum + end - start, 0);
  if (marked === 0 || marked === scores.length) return { vusROC: Number.NaN, vusPR: Number.NaN };
  const ranking = rankingOf(scores, thresholds);
  let [vusROC, vusPR] = [0, 0];
  for (let tolerance = 0; tolerance <= window; tolerance++) {
    const areas = areasAt(ranking, scores, anomalies, marked, tolerance);
    vusROC += areas.roc / (window + 1);
    vusPR += areas.pr / (window + 1);
  }
  return { vusROC, vusPR };
}

interface Ranking {
  /** Times by falling score. */
  order: Uint32Array;
  /** The thresholds, falling. */
  thresholds: Float64Array;
  /** How many times have at least that score. */
  alarms: Uint32Array;
}

function rankingOf(scores: ArrayLike<number>, count: number): Ranking {
  const n = scores.length;
  const order = Uint32Array.from({ length: n }, (_, t) => t).sort((a, b) => scores[b]! - scores[a]!);
  const at = (k: number) => Math.floor((k * (n - 1)) / (count - 1));
  const thresholds = Float64Array.from({ length: count }, (_, k) => scores[order[at(k)]!]!);
  const alarms = new Uint32Array(count);
  let taken = 0;
  for (let k = 0; k < count; k++) {
    while (taken < n && scores[order[taken]!]! >= thresholds[k]!) taken++;
    alarms[k] = taken;
  }
  return { order, thresholds, alarms };
}

function areasAt(
  { order, thresholds, alarms }: Ranking,
  scores: ArrayLike<number>,
  anomalies: readonly TimeRange[],
  marked: number,
  tolerance: number,
): { roc: number; pr: number } {
  const n = scores.length;
  const labels = extended(anomalies, n, tolerance);
  const highest = merged(anomalies, n, tolerance).map(({ start, end }) => {
    let most = Number.NEGATIVE_INFINITY;
    for (let t = start; t < end; t++) most = Math.max(most, scores[t]!);
    return most;
  });
  const isMarked = new Uint8Array(n);
  for (const { start, end } of anomalies) isMarked.fill(1, start, end);
  let [roc, pr, lastTPR, lastFPR, taken, hits, beside] = [0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < thresholds.length; k++) {
    for (; taken < alarms[k]!; taken++) {
      const t = order[taken]!;
      hits += labels[t]!;
      if (isMarked[t] === 0) beside += labels[t]!; // tolerated alarms count as anomalies once they are raised
    }
    const positives = marked + beside / 2;
    const found = highest.filter((most) => most >= thresholds[k]!).length / highest.length;
    const tpr = Math.min(hits / positives, 1) * found;
    const fpr = (taken - hits) / (n - positives);
    roc += ((fpr - lastFPR) * (tpr + lastTPR)) / 2;
    pr += ((tpr - lastTPR) * hits) / taken;
    [lastTPR, lastFPR] = [tpr, fpr];
  }
  return { roc: roc + ((1 - lastFPR) * (1 + lastTPR)) / 2, pr };
}

/** The truth of each time, falling off on both sides of an anomaly. */
function extended(anomalies: readonly TimeRange[], n: number, tolerance: number): Float64Array {
  const labels = new Float64Array(n);
  const half = tolerance >> 1;
  for (const { start, end } of anomalies) {
    for (let t = start; t < end; t++) labels[t] = 1;
    for (let d = 1; d <= half; d++) {
      const truth = Math.sqrt(1 - d / tolerance);
      if (end - 1 + d < n) labels[end - 1 + d]! += truth;
      if (start - d >= 0) labels[start - d]! += truth;
    }
  }
  return labels.map((label) => Math.min(1, label));
}

/** The anomalies, widened; those that then meet are one. */
function merged(anomalies: readonly TimeRange[], n: number, tolerance: number): TimeRange[] {
  const half = tolerance >> 1;
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end } of anomalies) {
    const wide = { start: Math.max(0, start - half), end: Math.min(n, end + half) };
    const last = ranges.at(-1);
    if (last !== undefined && wide.start < last.end) last.end = wide.end;
    else ranges.push(wide);
  }
  return ranges;
}
