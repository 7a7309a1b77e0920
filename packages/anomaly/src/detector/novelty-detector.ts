import type { Rows } from '../data/rows';
import { TaskError } from '../errors';
import type { DataOptions } from './common-options';
import { Detector, type FitOptions } from './detector';

/**
 * Novelty detection: the training data is clean, and new rows are judged by it.
 *
 * There is no `fitPredict`: to judge the training data itself is the other task, see `outlier`.
 */
export abstract class NoveltyDetector<O extends DataOptions, S> extends Detector<O, S> {
  readonly task = 'novelty';

  /**
   * Learns what is normal. What was learnt before is forgotten.
   *
   * @param x training observations without outliers, `[rows, features]`; see `Rows`
   * @throws ShapeError, DtypeError for anything but rows of numbers
   * @throws NumericsError for NaN and Infinity
   */
  fit(x: Rows, options: FitOptions = {}): this {
    this.learn(x, options);
    return this;
  }

  /**
   * The score of each row, bigger for more normal; that of a row depends on no other.
   *
   * @param x new observations: of a training row the score is that of a new row that happens to be equal
   * @throws NotFittedError before `fit`
   * @throws ShapeError for another number of features than at `fit`
   */
  scoreSamples(x: Rows): Float64Array {
    const { state } = this.knowledge;
    return this.scored(state, this.prepared(x));
  }

  /** How far each row is above the threshold: `scoreSamples(x) - offset`; negative for an outlier. Throws as `scoreSamples`. */
  decisionFunction(x: Rows): Float64Array {
    const { offset } = this;
    return this.scoreSamples(x).map((score) => score - offset);
  }

  /** 1 for each row that is an inlier, -1 for each outlier; 0 where a hole was skipped and the score is NaN. Throws as `scoreSamples`. */
  predict(x: Rows): Int8Array<ArrayBuffer> {
    return this.labelsOf(this.scoreSamples(x));
  }
}

/** A novelty detector that can say how much each feature has to do with it. */
export abstract class ExplainableNoveltyDetector<O extends DataOptions, S> extends NoveltyDetector<O, S> {
  /**
   * How much each feature adds to the abnormality (the negative score) of each row.
   *
   * @returns `[rows, features]`, row-major
   */
  explain(x: Rows): Float64Array {
    return this.explained(this.prepared(x));
  }
}

for (const method of ['fitPredict', 'scores', 'labels'] as const) {
  const message = (name: string) =>
    `${method} is not available when novelty=True. Use outlier.${name} if you want to predict on the training set`;
  Object.defineProperty(NoveltyDetector.prototype, method, {
    configurable: true,
    ...(method === 'fitPredict'
      ? {
          value(this: NoveltyDetector<DataOptions, unknown>) {
            throw new TaskError(message(this.definition.name));
          },
        }
      : {
          get(this: NoveltyDetector<DataOptions, unknown>) {
            throw new TaskError(message(this.definition.name));
          },
        }),
  });
}
