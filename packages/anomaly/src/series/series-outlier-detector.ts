import type { DataOptions } from '../detector/common-options';
import { OutlierDetector } from '../detector/outlier-detector';
import { asRows, type Series } from './series';

/** Outlier detection in a series: it holds the anomalies, and its own times are judged. */
export abstract class SeriesOutlierDetector<O extends DataOptions, S> extends OutlierDetector<O, S> {
  /**
   * Learns from the series, and says which of its times are outliers. `scores` then has one score a time.
   *
   * @param x one number a time, or rows of features in order of time
   * @returns 1 for an inlier, -1 for an outlier, one a time
   * @throws ShapeError for a series that is too short
   * @throws NumericsError for NaN and Infinity
   */
  override fitPredict(x: Series): Int8Array<ArrayBuffer> {
    return super.fitPredict(asRows(x));
  }
}
