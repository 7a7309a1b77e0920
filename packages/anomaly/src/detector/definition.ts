import type { Matrix } from '../data/matrix';
import type { DataOptions } from './common-options';
import type { Complete, Ranges } from './ranges';

/** Numbers that a fitted detector keeps. */
export type StateValue = number | Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** All that a fitted detector keeps, by name: what its file holds. */
export type State = { readonly [name: string]: StateValue };

/** What fitting gives. */
export interface FitResult<S> {
  state: S;
  /**
   * Scores of the training rows, bigger for more normal; a function where they cost much and may not be needed.
   * Default: `score` of the training rows, when they are needed.
   */
  scores?: Float64Array | (() => Float64Array);
}

/** What `fit` may know besides rows and options. */
export interface FitContext {
  /** A weight for each training row; undefined: all 1. */
  readonly sampleWeight: Float64Array | undefined;
}

/**
 * A method of detection, for both tasks. One file each, in `detectors`; `outlier.ts` and `novelty.ts` make classes of it.
 * Rows arrive as float64, checked, imputed and scaled.
 *
 * @typeParam O options, as the user gives them
 * @typeParam S what the fitted detector keeps
 */
export interface Definition<O extends DataOptions, S> {
  /** scikit-learn's name of the class where it has one. */
  readonly name: string;
  readonly ranges: Ranges<O>;
  /** Refuses options that do not go together; each alone is checked by `ranges`. */
  check?(options: Complete<O>): void;
  fit(rows: Matrix, options: Complete<O>, context: FitContext): FitResult<S>;
  /** Scores of rows that are not the training rows, bigger for more normal. Each row's by that row alone. */
  score(state: S, rows: Matrix, options: Complete<O>): Float64Array;
  /** The threshold of the method's paper, for `contamination: 'auto'`. */
  autoOffset?(state: S, columns: number, options: Complete<O>): number;
  /**
   * How much each feature adds to the abnormality (the negative score) of each row, `[rows, features]`. Where a method
   * is additive, a row of them adds up to it.
   */
  explain?(state: S, rows: Matrix, options: Complete<O>): Float64Array;
  /** What is wrong with a state that was read from a file, if anything: sizes, indices, links. */
  faultOf(state: S, columns: number, options: Complete<O>): string | undefined;
  /** The type of each entry of the state: what a file must hold. A function where the options decide what there is. */
  readonly layout: Layout<S> | ((options: Complete<O>) => Readonly<Record<string, Stored>>);
  /** Whether a row on the threshold is an outlier, as in libsvm. */
  readonly strict?: true;
  /**
   * What becomes of a row with a hole (NaN) where `missing` is `skip`. Undefined: it is left out of the fit, and its score is
   * NaN. `scored`: `fit` and `score` see it, and do without what is missing. `refused`: no row can be judged without the others.
   */
  readonly holes?: 'scored' | 'refused';
  /** Whether weights of training rows mean something. */
  readonly weighted?: true;
  /** Whether an observation may come with axes of its own, `[rows, height, width, channels]`; then `rows.axes` are those. */
  readonly shaped?: true;
  /** Whether rows are distances or kernel values to the training rows. */
  precomputed?(options: Complete<O>): boolean;
}

/** How an entry of the state is stored. */
export type Stored = 'number' | 'float64' | 'float32' | 'int32' | 'uint32' | 'uint8';

/** The types of a state's entries. */
export type Layout<S> = {
  readonly [K in keyof S]-?: S[K] extends number
    ? 'number'
    : S[K] extends Float64Array
      ? 'float64'
      : S[K] extends Float32Array
        ? 'float32'
        : S[K] extends Int32Array
          ? 'int32'
          : S[K] extends Uint32Array
            ? 'uint32'
            : S[K] extends Uint8Array
              ? 'uint8'
              : never;
};
