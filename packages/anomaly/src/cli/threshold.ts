import type { DataOptions } from '../detector/common-options';
import type { NoveltyDetector } from '../detector/novelty-detector';
import type { OutlierDetector } from '../detector/outlier-detector';
import { PeaksOverThreshold } from '../thresholds/peaks-over-threshold';
import { SplitConformal } from '../thresholds/split-conformal';

/** Any fitted detector. */
export type AnyDetector = NoveltyDetector<DataOptions, unknown> | OutlierDetector<DataOptions, unknown>;

/** What says which scores are anomalous. */
export interface Threshold {
  /** For the summary: `threshold -0.5`. */
  inWords: string;
  readonly isOutlier: (score: number) => boolean;
  /** The p-value of a score, where the threshold is one of probability. */
  readonly pValue?: (score: number) => number;
}

/** The threshold that the detector has. */
export function byShare({ offset, definition }: AnyDetector): Threshold {
  return {
    inWords: `threshold ${offset.toPrecision(6)}`,
    isOutlier: (score) => score < offset || (score === offset && definition.strict === true),
  };
}

/** An alarm in 1 / risk normal rows. */
export function byPeaks(detector: AnyDetector, risk: number): Threshold {
  const tail = new PeaksOverThreshold(detector);
  const offset = tail.offsetAt(risk);
  return {
    inWords: `threshold ${offset.toPrecision(6)}, which a normal row falls below with probability ${risk}`,
    isOutlier: (score) => score < offset,
    pValue: (score) => tail.pValueOfScores([score])[0]!,
  };
}

/**
 * p-values of all rows judged together, in a pass of their own over the data. How often each p-value occurs is all that is kept:
 * there are no more of them than calibration rows.
 *
 * @param read gives the scores of all rows, batch by batch
 */
export async function byConformal(
  detector: NoveltyDetector<DataOptions, unknown>,
  calibration: { data: Float64Array; shape: number[] },
  alpha: number,
  read: () => AsyncIterable<Float64Array>,
): Promise<Threshold> {
  const conformal = new SplitConformal(detector, calibration);
  const counts = new Map<number, number>();
  for await (const scores of read()) {
    for (const score of scores) {
      const p = conformal.pValueOfScore(score);
      if (!Number.isNaN(p)) counts.set(p, (counts.get(p) ?? 0) + 1);
    }
  }
  const limit = conformal.rejectionLimit(counts, { alpha });
  return {
    inWords:
      limit < 0
        ? `no p-value is small enough at alpha ${alpha}, by ${conformal.size} calibration rows`
        : `p-values up to ${limit.toPrecision(3)}, at alpha ${alpha} by ${conformal.size} calibration rows`,
    isOutlier: (score) => conformal.pValueOfScore(score) <= limit,
    pValue: (score) => conformal.pValueOfScore(score),
  };
}
