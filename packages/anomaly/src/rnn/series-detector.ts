import type { Matrix } from '../data/matrix';
import type { DataOptions } from '../detector/common-options';
import type { FitOptions } from '../detector/detector';
import { ExplainableNoveltyDetector } from '../detector/novelty-detector';
import { ExplainableOutlierDetector } from '../detector/outlier-detector';
import { asRows, type Series } from '../series/series';

export type { Series };

/** A novelty detector of the points of a series. A point's score depends on the points around it. */
export abstract class SeriesNoveltyDetector<O extends DataOptions, S> extends ExplainableNoveltyDetector<O, S> {
  /**
   * Learns what is normal. What was learnt before is forgotten.
   *
   * @param series without anomalies
   * @throws ParameterError for a window of which no two fit into the series, NumericsError for NaN and Infinity
   */
  override fit(series: Series, options?: FitOptions): this {
    return super.fit(asRows(series), options);
  }

  /**
   * The score of each time, bigger for more normal.
   *
   * @param series another one, or a later part
   * @throws NotFittedError before `fit`
   * @throws ShapeError for another number of features than at `fit`, and for a series that is too short
   */
  override scoreSamples(series: Series): Float64Array {
    return super.scoreSamples(asRows(series));
  }

  /** How far each time is above the threshold; negative for an anomaly. Throws as `scoreSamples`. */
  override decisionFunction(series: Series): Float64Array {
    return super.decisionFunction(asRows(series));
  }

  /** 1 for each normal time, -1 for each anomaly. Throws as `scoreSamples`. */
  override predict(series: Series): Int8Array<ArrayBuffer> {
    return super.predict(asRows(series));
  }

  /**
   * How much each feature adds to the abnormality (the negative score) of each time.
   *
   * @returns `[times, features]`, row-major
   */
  override explain(series: Series): Float64Array {
    return super.explain(asRows(series));
  }
}

/** An outlier detector of the points of a series. */
export abstract class SeriesOutlierDetector<O extends DataOptions, S> extends ExplainableOutlierDetector<O, S> {
  /**
   * Learns from the series, and says which of its times are anomalies.
   *
   * @returns 1 for a normal time, -1 for an anomaly
   * @throws ParameterError for a window of which no two fit into the series, NumericsError for NaN and Infinity
   */
  override fitPredict(series: Series, options?: FitOptions): Int8Array<ArrayBuffer> {
    return super.fitPredict(asRows(series), options);
  }

  /**
   * How much each feature adds to the abnormality (the negative score) of each time.
   *
   * @param series the training series
   * @returns `[times, features]`, row-major
   */
  override explain(series: Series): Float64Array {
    return super.explain(asRows(series));
  }
}

/** All windows of so many times, one for each place; they share their numbers. */
export function windowsOf({ data, rows, columns }: Matrix, length: number) {
  return { data, rows: rows - length + 1, columns: length * columns, step: columns };
}
