import { ConfigError } from '@dl/core';
import { countUpTo } from '../data/count-up-to';
import { judged, percentileOfSorted } from '../data/quantile';
import type { DataOptions } from '../detector/common-options';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';
import { fitGeneralizedPareto, type GeneralizedPareto, tailProbability, tailQuantile } from './generalized-pareto';

/** Fewer excesses say nothing about a tail. */
const FEWEST = 10;

/** What `PeaksOverThreshold` learns from. */
export interface PeaksOptions {
  /**
   * The share of the scores that is no part of the tail; 0 < level < 1. At least ten scores must be left above it.
   * @default 0.98, or less where that leaves fewer than ten of the scores
   */
  level?: number;
}

/**
 * How unlikely a score is, beyond the farthest that was seen: the tail of the scores follows a generalised Pareto
 * distribution, whatever the scores are (extreme value theory).
 *
 * P(abnormality > t + x) = share above t * (1 + shape x / scale)^(-1 / shape), with t at the level; the distribution by
 * maximum likelihood. Siffer, Fouque, Termier, Largouet, Anomaly Detection in Streams with Extreme Value Theory (2017).
 *
 * @example
 * ```ts
 * import { key, novelty, PeaksOverThreshold } from '@dl/anomaly';
 *
 * const clean = { data: key(0).normal(2000), shape: [1000, 2] };
 * const detector = new novelty.Mahalanobis().fit(clean);
 * const tail = new PeaksOverThreshold(detector);
 * const rare = tail.detectorAt(1e-4); // an alarm in ten thousand normal rows
 * const labels = rare.predict([[1, 1], [6, 6]]); // [1, -1]
 * const p = tail.pValueOfScores(detector.scoreSamples([[6, 6]])); // near 0
 * ```
 */
export class PeaksOverThreshold<
  D extends NoveltyDetector<DataOptions, unknown> | OutlierDetector<DataOptions, unknown>,
> {
  /** The fitted detector. */
  readonly detector: D;
  /** The distribution of what lies above the level. */
  readonly tail: GeneralizedPareto;
  /** The score at the level: more abnormal ones are below it, and belong to the tail. */
  readonly initial: number;
  /** The share of the scores that belong to the tail. */
  readonly tailShare: number;
  /** The scores of the training rows, ascending. */
  readonly #scores: Float64Array;

  /**
   * @param detector fitted; the tail is that of the scores of its training rows
   * @throws NotFittedError for a detector without a fit
   * @throws ConfigError for a level out of range, or one with fewer than ten scores above it
   */
  constructor(detector: D, { level }: PeaksOptions = {}) {
    this.detector = detector;
    const sorted = judged(detector.knowledge.trainingScores())
      .map((score) => -score)
      .sort();
    const n = sorted.length;
    if (level !== undefined && !(level > 0 && level < 1)) {
      throw new ConfigError('PeaksOverThreshold', `level is ${level}`, '0 < level < 1');
    }
    const start = percentileOfSorted(sorted, 100 * (level ?? Math.max(0, Math.min(0.98, 1 - FEWEST / n))));
    const excesses = sorted.filter((value) => value > start).map((value) => value - start);
    if (excesses.length < FEWEST || !excesses.every(Number.isFinite)) {
      const given = level === undefined ? '' : ` at level ${level}`;
      throw new ConfigError(
        'PeaksOverThreshold',
        `${excesses.length} of ${n} training scores lie above the limit of ${start.toPrecision(3)}${given}; a tail takes ` +
          `at least ${FEWEST}, all finite`,
        level === undefined ? 'fit on more rows, or set a lower level' : 'a lower level, or more rows',
      );
    }
    this.tail = fitGeneralizedPareto(excesses);
    this.initial = -start;
    this.tailShare = excesses.length / n;
    this.#scores = sorted.map((value) => -value).reverse();
  }

  /**
   * The probability that a row like those of the fit has a score as low as this: by the tail where the score belongs to
   * it, else by counting.
   *
   * @param scores as the detector gives them: `scoreSamples(x)`, or `scores` of an outlier detector
   */
  pValueOfScores(scores: ArrayLike<number>): Float64Array {
    return Float64Array.from(scores, (score) => {
      if (Number.isNaN(score)) return score; // not judged
      if (score < this.initial) return this.tailShare * tailProbability(this.tail, this.initial - score);
      return countUpTo(this.#scores, score) / this.#scores.length;
    });
  }

  /**
   * The threshold that a normal row goes below with probability q.
   *
   * @param q 0 < q < `tailShare`
   * @throws ConfigError for a q out of range
   */
  offsetAt(q: number): number {
    if (!(q > 0 && q < this.tailShare)) {
      throw new ConfigError(
        'PeaksOverThreshold',
        `q is ${q}, and the tail holds the share ${this.tailShare.toPrecision(3)} of the scores`,
        'a q below that; or, for so large a share, withContamination(detector, q)',
      );
    }
    return this.initial - tailQuantile(this.tail, q / this.tailShare);
  }

  /** The detector with the threshold `offsetAt(q)`; nothing is fitted again. Throws as that. */
  detectorAt(q: number): D {
    return this.detector.withOffset(this.offsetAt(q)) as D;
  }
}
