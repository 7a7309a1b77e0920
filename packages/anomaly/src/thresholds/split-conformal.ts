import { ConfigError } from '@dl/core';
import { countUpTo } from '../data/count-up-to';
import { judged } from '../data/quantile';
import type { Rows } from '../data/rows';
import type { DataOptions } from '../detector/common-options';
import type { NoveltyDetector } from '../detector/novelty-detector';
import { warn } from '../detector/warn';
import { rejectionLimit, requireAlpha } from './benjamini-hochberg';

/** How `SplitConformal.predict` decides. */
export interface ConformalOptions {
  /**
   * With correction: the share of false alarms among the alarms. Without: the share of normal rows that give an alarm.
   * 0 < alpha < 1.
   * @default 0.1
   */
  alpha?: number;
  /**
   * Whether the rows are judged together, for a share of false alarms among the alarms (Benjamini and Hochberg), or each
   * for itself.
   * @default 'benjaminiHochberg'
   */
  correction?: 'benjaminiHochberg' | 'none';
  /**
   * The share of the rows that is expected to be anomalous; decides only about the warning that the calibration set is
   * too small to find them. 0 < expected <= 1.
   * @default 0.1
   */
  expected?: number;
}

/**
 * p-values for new rows, with a guarantee that needs no assumption about the scores: of new normal rows at most the share
 * alpha has p <= alpha, if they come from the same source as the calibration rows and in no particular order.
 *
 * p = (1 + number of calibration rows that are as abnormal or more) / (calibration rows + 1).
 *
 * The calibration rows are clean, and **not** those of the fit, whose scores are too good. The smallest p-value is
 * 1 / (calibration rows + 1). Not for neighbouring points of a series, which depend on each other. Laxhammar, Falkman
 * (2010); Bates, Candes, Lei, Romano, Sesia, Testing for Outliers with Conformal p-values (2023).
 *
 * @example
 * ```ts
 * import { novelty, SplitConformal } from '@dl/anomaly';
 *
 * const clean = Array.from({ length: 200 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
 * const detector = new novelty.KNearestNeighbors().fit(clean.slice(0, 100));
 * const conformal = new SplitConformal(detector, clean.slice(100));
 * const p = conformal.pValue([[9, 9]]); // [0.0099]: 1 / 101
 * const labels = conformal.predict([[0.1, 0.9], [9, 9]], { alpha: 0.05 }); // [1, -1]
 * ```
 */
export class SplitConformal<D extends NoveltyDetector<DataOptions, unknown>> {
  /** The fitted detector. */
  readonly detector: D;
  /** Scores of the calibration rows, from the most abnormal up. */
  readonly #calibration: Float64Array;

  /**
   * @param detector fitted on other rows than these
   * @param calibration clean rows
   * @throws NotFittedError for a detector without a fit
   */
  constructor(detector: D, calibration: Rows) {
    this.detector = detector;
    this.#calibration = judged(detector.scoreSamples(calibration)).sort();
  }

  /** How many calibration rows there are. */
  get size(): number {
    return this.#calibration.length;
  }

  /** The p-value of each row: small for abnormal. Throws as `scoreSamples`. */
  pValue(x: Rows): Float64Array {
    return this.detector.scoreSamples(x).map((score) => this.pValueOfScore(score));
  }

  /** The p-value of a score that the detector gave; NaN for a row that was not judged. */
  pValueOfScore(score: number): number {
    if (Number.isNaN(score)) return score;
    return (1 + countUpTo(this.#calibration, score)) / (this.size + 1);
  }

  /**
   * 1 for each row that is an inlier, -1 for each outlier, 0 for one that was not judged. Warns where the calibration rows are too few to find any.
   *
   * @throws ConfigError for options out of range; else as `scoreSamples`
   */
  predict(x: Rows, options: ConformalOptions = {}): Int8Array<ArrayBuffer> {
    const p = this.pValue(x);
    const counts = new Map<number, number>();
    for (const value of judged(p)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const limit = this.rejectionLimit(counts, options);
    return Int8Array.from(p, (value) => {
      if (Number.isNaN(value)) return 0;
      return value <= limit ? -1 : 1;
    });
  }

  /**
   * The largest p-value by which `predict` gives an alarm, for rows that are too many to be judged at once: those with a
   * p-value above it are inliers. Warns as `predict`.
   *
   * @param counts how often each p-value occurs among the rows
   * @returns -1 where none gives an alarm
   * @throws ConfigError for options out of range
   */
  rejectionLimit(
    counts: ReadonlyMap<number, number>,
    { alpha = 0.1, correction = 'benjaminiHochberg', expected = 0.1 }: ConformalOptions = {},
  ): number {
    requireAlpha('SplitConformal', alpha);
    if (!(expected > 0 && expected <= 1)) {
      throw new ConfigError('SplitConformal', `expected is ${expected}`, '0 < expected <= 1');
    }
    const together = correction === 'benjaminiHochberg';
    let rows = 0;
    for (const count of counts.values()) rows += count;
    // Together, the k smallest of m are rejected at p <= alpha k / m.
    this.#warnIfTooFew(together ? alpha * Math.max(expected, 1 / rows) : alpha, alpha);
    return together ? rejectionLimit(counts, alpha) : alpha;
  }

  /**
   * The detector with the threshold at which a row has p <= alpha: each row judged for itself, whatever comes with it.
   *
   * @param alpha the share of normal rows that give an alarm, 0 < alpha < 1
   * @throws ConfigError for an alpha out of range
   */
  detectorAt(alpha: number): D {
    requireAlpha('SplitConformal', alpha);
    this.#warnIfTooFew(alpha, alpha);
    // p <= alpha: at most this many calibration rows lie at or below the score, so it lies below the next one.
    const most = largestCount(alpha, this.size);
    return this.detector.withOffset(most < 0 ? Number.NEGATIVE_INFINITY : this.#calibration[most]!);
  }

  #warnIfTooFew(needed: number, alpha: number): void {
    if (1 / (this.size + 1) <= needed) return;
    warn(
      'SplitConformal',
      `${this.size} calibration rows give no p-value below ${(1 / (this.size + 1)).toPrecision(3)}, and to find what is ` +
        `expected at alpha ${alpha} it takes ${needed.toPrecision(3)}: use at least ${Math.ceil(1 / needed - 1)} of them`,
    );
  }
}

/** The largest c with (1 + c) / (size + 1) <= alpha, by the same division as the p-value; -1 where there is none. */
function largestCount(alpha: number, size: number): number {
  let count = Math.min(size - 1, Math.ceil(alpha * (size + 1)));
  while (count >= 0 && (1 + count) / (size + 1) > alpha) count--;
  return count;
}
