import { ConfigError, NotFittedError, ShapeError } from '@dl/core';
import { type Matrix, sliceRows } from '../data/matrix';
import { learnPreparation, type Preparation, prepare } from '../data/preparation';
import { judged, percentile } from '../data/quantile';
import { type Rows, requireColumns, requireFinite, toMatrix } from '../data/rows';
import type { DataOptions } from './common-options';
import { ofCompleteRows, requireCompleteRows } from './complete-rows';
import type { Definition, FitResult } from './definition';
import { type Complete, complete } from './ranges';

/** Everything that a fitted detector knows. */
export interface Knowledge<S> {
  readonly state: S;
  readonly preparation: Preparation;
  /** Features seen by `fit`. */
  readonly columns: number;
  readonly names: readonly string[] | undefined;
  /** Scores of the training rows, once they are asked for. */
  readonly trainingScores: () => Float64Array;
  /** The threshold, once it is asked for. */
  readonly offset: () => number;
}

/** Options of a fit. */
export interface FitOptions {
  /** A weight for each training row, at least one of them above 0; for detectors that take weights. @default all 1 */
  sampleWeight?: ArrayLike<number>;
}

/** What both kinds of detector have: options, and once fitted, a state and a threshold. */
export abstract class Detector<O extends DataOptions, S> {
  /** Which of the two tasks this is for. */
  abstract readonly task: 'outlier' | 'novelty';
  /** The options, defaults filled in: `new Class(detector.options)` makes its like. */
  readonly options: Complete<O>;
  /** @internal */
  readonly definition: Definition<O, S>;
  /** @internal Undefined before the fit. */
  protected known: Knowledge<S> | undefined;

  /** @internal */
  constructor(definition: Definition<O, S>, options: O = {} as O) {
    this.definition = definition;
    this.options = complete(definition.name, definition.ranges, options);
    definition.check?.(this.options);
    const whole = definition.holes === 'refused' || definition.precomputed?.(this.options) === true;
    if (this.options.missing === 'skip' && whole) {
      throw new ConfigError(
        definition.name,
        "missing: 'skip' has no meaning where no row can be judged without all the others",
        "use 'impute', or fill the holes before",
      );
    }
  }

  /** What was learnt: arrays and numbers by name, which belong to the detector. */
  get fitted(): Readonly<S> {
    return this.knowledge.state;
  }

  /** The threshold: a row whose score is below it is an outlier. scikit-learn's `offset_`. */
  get offset(): number {
    return this.knowledge.offset();
  }

  /** Number of features seen by the fit. scikit-learn's `n_features_in_`. */
  get features(): number {
    return this.knowledge.columns;
  }

  /** Names of the features, where the training data came with names. scikit-learn's `feature_names_in_`. */
  get featureNames(): readonly string[] | undefined {
    return this.knowledge.names;
  }

  /** Whether there was a fit. */
  get isFitted(): boolean {
    return this.known !== undefined;
  }

  /**
   * The same fitted detector with another threshold; nothing is fitted again, and this one stays as it is.
   *
   * @param offset rows with a score below it are outliers
   */
  withOffset(offset: number): this {
    if (Number.isNaN(offset)) throw new ConfigError(this.definition.name, 'the offset is NaN');
    return this.like({ ...this.knowledge, offset: () => offset });
  }

  /** @internal What the fit learnt, for files and thresholds. */
  get knowledge(): Knowledge<S> {
    if (this.known === undefined) {
      const method = this.task === 'outlier' ? 'fitPredict(X)' : 'fit(X)';
      throw new NotFittedError(
        `This ${this.definition.name} instance is not fitted yet. Call ${method} with training data before this`,
      );
    }
    return this.known;
  }

  /** @internal A detector of the same class and options that knows this. */
  like(knowledge: Knowledge<S>): this {
    const Class = this.constructor as new (options: O) => this;
    const copy = new Class(this.options);
    copy.known = knowledge;
    return copy;
  }

  /** Learns from training rows. */
  protected learn(x: Rows, { sampleWeight }: FitOptions): void {
    const { definition, options } = this;
    const given = toMatrix(x, definition.name, undefined, definition.shaped);
    requireFinite(given, definition.name, options.missing !== 'error');
    const precomputed = definition.precomputed?.(options) === true;
    if (precomputed && given.rows !== given.columns) {
      throw new ShapeError(definition.name, 'precomputed: fit takes one row and one column for each observation', [
        { label: 'X', shape: [given.rows, given.columns] },
      ]);
    }
    const weights = readWeights(definition, sampleWeight, given.rows);
    const preparation = learnPreparation(given, options.missing ?? 'error', options.scaler ?? 'none');
    const rows = prepare(given, preparation);
    const { state, scores } = this.#leavesOut
      ? fitComplete(definition, rows, options, weights)
      : definition.fit(rows, options, { sampleWeight: weights });

    const trainingScores =
      typeof scores === 'function' ? once(scores) : scores ? constant(scores) : once(this.#scorer(state, rows, x));
    const share = (options as { contamination?: 'auto' | number }).contamination ?? 'auto';
    const { columns, names } = given;
    const offset =
      share === 'auto'
        ? constant(definition.autoOffset!(state, columns, options))
        : once(() => percentile(judged(trainingScores()), 100 * share));
    this.known = { state, preparation, columns, names, trainingScores, offset };
  }

  /** Scores of the training rows for when they are asked for; of a copy, where the rows belong to the caller. */
  #scorer(state: S, rows: Matrix, given: Rows): () => Float64Array {
    const borrowed = (given as { data?: unknown }).data === rows.data;
    const own = borrowed && this.task === 'novelty' ? { ...rows, data: rows.data.slice() } : rows;
    return () => this.scored(state, own);
  }

  /** Whether rows with holes are left out of the fit, and have no score. */
  get #leavesOut(): boolean {
    return this.options.missing === 'skip' && this.definition.holes === undefined;
  }

  /** Scores of prepared rows; NaN where a row with a hole cannot be judged. */
  protected scored(state: S, rows: Matrix): Float64Array {
    const score = (complete: Matrix) => this.definition.score(state, complete, this.options);
    return this.#leavesOut ? ofCompleteRows(rows, score) : score(rows);
  }

  /** What each feature adds to the abnormality of prepared rows, `[rows, features]`; for definitions that explain. */
  protected explained(rows: Matrix): Float64Array {
    const { state } = this.knowledge;
    const explain = (complete: Matrix) => this.definition.explain!(state, complete, this.options);
    return this.#leavesOut ? ofCompleteRows(rows, explain, rows.columns) : explain(rows);
  }

  /** Rows to be scored, checked and prepared. */
  protected prepared(x: Rows): Matrix {
    const { columns, names, preparation } = this.knowledge;
    const { name, shaped } = this.definition;
    const given = toMatrix(x, name, names, shaped);
    requireColumns(given, name, columns);
    requireFinite(given, name, this.options.missing !== 'error');
    return prepare(given, preparation);
  }

  /** 1 for inliers, -1 for outliers, 0 for what was not judged (the score is NaN). */
  protected labelsOf(scores: Float64Array): Int8Array<ArrayBuffer> {
    const { offset } = this;
    const { strict } = this.definition;
    const labels = new Int8Array(scores.length);
    for (let i = 0; i < scores.length; i++) {
      const decision = scores[i]! - offset;
      if (Number.isNaN(scores[i])) labels[i] = 0;
      else labels[i] = decision > 0 || (decision === 0 && strict !== true) ? 1 : -1;
    }
    return labels;
  }
}

/** A fit on the rows without holes; the scores of the others are NaN. */
function fitComplete<O extends DataOptions, S>(
  definition: Definition<O, S>,
  rows: Matrix,
  options: Complete<O>,
  weights: Float64Array | undefined,
): FitResult<S> {
  const complete = requireCompleteRows(rows, definition.name);
  const sampleWeight = weights?.filter((_, i) => !sliceRows(rows, i, i + 1).data.some(Number.isNaN));
  const { state, scores } = definition.fit(complete, options, { sampleWeight });
  if (scores === undefined) return { state };
  return { state, scores: () => ofCompleteRows(rows, () => (typeof scores === 'function' ? scores() : scores)) };
}

function readWeights(
  { name, weighted }: { name: string; weighted?: true },
  weights: ArrayLike<number> | undefined,
  rows: number,
): Float64Array | undefined {
  if (weights === undefined) return undefined;
  if (weighted !== true) throw new ConfigError(name, 'takes no sampleWeight');
  if (weights.length !== rows) {
    throw new ShapeError(name, `sampleWeight.shape == (${weights.length},), expected (${rows},)`);
  }
  const copy = Float64Array.from(weights);
  const bad = copy.findIndex((weight) => !Number.isFinite(weight));
  if (bad >= 0) throw new ConfigError(name, `sampleWeight ${bad} is ${copy[bad]}`);
  return copy;
}

function constant<T>(value: T): () => T {
  return () => value;
}

/** Computes a value when it is first asked for, and then lets go of what it was computed from. */
function once<T>(compute: () => T): () => T {
  let how: (() => T) | undefined = compute;
  let value: T | undefined;
  return () => {
    if (how !== undefined) {
      value = how();
      how = undefined;
    }
    return value as T;
  };
}
