import type { Rows } from '../data/rows';
import { TaskError } from '../errors';
import type { DataOptions } from './common-options';
import { Detector, type FitOptions } from './detector';

/**
 * Outlier detection: the training data holds outliers, and it is this data that is judged.
 *
 * There is no `predict`: rows that were not in the data have no place in this task, see `novelty`.
 */
export abstract class OutlierDetector<O extends DataOptions, S> extends Detector<O, S> {
  readonly task = 'outlier';

  /**
   * Learns from the rows, and says which of them are outliers.
   *
   * @param x observations `[rows, features]`; see `Rows`
   * @returns 1 for an inlier, -1 for an outlier; 0 where a hole was skipped and the score is NaN
   * @throws ShapeError, DtypeError for anything but rows of numbers
   * @throws NumericsError for NaN and Infinity
   */
  fitPredict(x: Rows, options: FitOptions = {}): Int8Array<ArrayBuffer> {
    this.learn(x, options);
    return this.labels;
  }

  /**
   * The score of each training row, bigger for more normal.
   *
   * @throws NotFittedError before `fitPredict`
   */
  get scores(): Float64Array {
    return this.knowledge.trainingScores();
  }

  /**
   * 1 for each training row that is an inlier, -1 for each outlier, 0 for one that was not judged (its score is NaN).
   *
   * @throws NotFittedError before `fitPredict`
   */
  get labels(): Int8Array<ArrayBuffer> {
    return this.labelsOf(this.scores);
  }
}

/** An outlier detector that can say how much each feature has to do with it. */
export abstract class ExplainableOutlierDetector<O extends DataOptions, S> extends OutlierDetector<O, S> {
  /**
   * How much each feature adds to the abnormality (the negative score) of each of these training rows.
   *
   * @param x rows of the training data
   * @returns `[rows, features]`, row-major
   */
  explain(x: Rows): Float64Array {
    return this.explained(this.prepared(x));
  }
}

for (const method of ['predict', 'decisionFunction', 'scoreSamples', 'fit'] as const) {
  Object.defineProperty(OutlierDetector.prototype, method, {
    configurable: true,
    value(this: OutlierDetector<DataOptions, unknown>) {
      const { name } = this.definition;
      throw new TaskError(
        method === 'fit'
          ? `fit is not available for outlier detection: it judges the data that it is fitted on. Use ` +
              `outlier.${name}.fitPredict(X), or novelty.${name}.fit(X) to judge new rows`
          : `${method} is not available when novelty=False, use fitPredict if you want to predict on training data. Use ` +
              `novelty.${name} if you want to use ${name} for novelty detection and predict on new unseen data`,
      );
    },
  });
}
