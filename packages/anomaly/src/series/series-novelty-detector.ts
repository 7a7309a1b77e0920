import type { DataOptions } from '../detector/common-options';
import { NoveltyDetector } from '../detector/novelty-detector';
import { asRows, type Series } from './series';

/**
 * Novelty detection in series: learns from a clean one, and judges the times of others. The score of a time depends on the
 * times near it, so that a series is judged as a whole and not in batches.
 */
export abstract class SeriesNoveltyDetector<O extends DataOptions, S> extends NoveltyDetector<O, S> {
  /**
   * Learns what is normal from a clean series.
   *
   * @param x one number a time, or rows of features in order of time
   * @throws ShapeError for a series that is too short
   * @throws NumericsError for NaN and Infinity
   */
  override fit(x: Series): this {
    return super.fit(asRows(x));
  }

  /** The score of each time of another series, bigger for more normal. @throws ShapeError for one that is too short */
  override scoreSamples(x: Series): Float64Array {
    return super.scoreSamples(asRows(x));
  }

  /** How far each time is above the threshold; negative for an outlier. Throws as `scoreSamples`. */
  override decisionFunction(x: Series): Float64Array {
    return super.decisionFunction(asRows(x));
  }

  /** 1 for each time that is an inlier, -1 for each outlier. Throws as `scoreSamples`. */
  override predict(x: Series): Int8Array<ArrayBuffer> {
    return super.predict(asRows(x));
  }
}
