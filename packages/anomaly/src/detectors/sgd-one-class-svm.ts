import { type Key, key } from '@dl/core';
import type { Matrix } from '../data/matrix';
import { type DataOptions, dataRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, either, flag, oneOf, random, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { ParameterError } from '../errors';
import { type SgdProgress, type SgdRule, sgdOneClass, sgdStart } from '../sgd/one-class-sgd';

/** Options of `SGDOneClassSVM`. */
export interface SGDOneClassSVMOptions extends DataOptions {
  /**
   * At most this share of training rows lies outside; 0 < nu <= 1.
   * @default 0.5
   */
  nu?: number;
  /**
   * Whether the offset is learnt.
   * @default true
   */
  fitIntercept?: boolean;
  /**
   * Times through the data at most.
   * @default 1000
   */
  maxIter?: number;
  /**
   * Stops where the loss of a row gains less than this five times; `none` goes on to `maxIter`.
   * @default 1e-3
   */
  tol?: 'none' | number;
  /**
   * Whether rows are taken in a new order each time.
   * @default true
   */
  shuffle?: boolean;
  /**
   * `optimal`: 1 / (alpha (t0 + t)), alpha = nu / 2; `constant`: eta0; `invscaling`: eta0 / t^powerT; `adaptive`: eta0, a fifth
   * of it whenever the loss stands still.
   * @default 'optimal'
   */
  learningRate?: 'optimal' | 'constant' | 'invscaling' | 'adaptive';
  /**
   * The first learning rate, above 0 unless that is `optimal`.
   * @default 0
   */
  eta0?: number;
  /**
   * Of `invscaling`.
   * @default 0.5
   */
  powerT?: number;
  /**
   * Whether the weights are averaged over all steps, or from a step on.
   * @default false
   */
  average?: boolean | number;
  /**
   * What rows are shuffled with.
   * @default key(0)
   */
  key?: Key;
}

/** What a fitted `SGDOneClassSVM` keeps. */
export type SGDOneClassSVMState = SgdProgress & {
  /** Steps through the data in the last fit. */
  nIter: number;
  /** The weights that count: averaged ones, once averaging has begun. `[features]` */
  coefficients: Float64Array;
  /** What a score is compared with. */
  rho: number;
};

const NAME = 'SGDOneClassSVM';

/**
 * A linear one-class support vector machine, learnt one row at a time: score = w . x, an inlier where that is at least the
 * offset. Linear, and therefore meant for rows that `Nystroem` has mapped; with that it comes near `OneClassSVM` in linear
 * time. `partialFit` learns from batch after batch. scikit-learn's `SGDOneClassSVM`.
 */
export const sgdOneClassSVM: Definition<SGDOneClassSVMOptions, SGDOneClassSVMState> = {
  name: NAME,
  ranges: {
    ...dataRanges,
    nu: between(0.5, '(]', 0, 1),
    fitIntercept: flag(true),
    maxIter: whole(1000),
    tol: either<number, 'none'>(between(1e-3, '[)', 0), oneOf('none', ['none'])),
    shuffle: flag(true),
    learningRate: oneOf('optimal', ['optimal', 'constant', 'invscaling', 'adaptive']),
    eta0: between(0, '[)', 0),
    powerT: between(0.5, '()', Number.NEGATIVE_INFINITY),
    average: either<boolean, number>(flag(false), whole(1, 0)),
    key: random(key(0)),
  },
  weighted: true,
  check({ learningRate, eta0 }) {
    if (learningRate !== 'optimal' && eta0 <= 0) {
      throw new ParameterError(NAME, 'eta0', `above 0 where learningRate is '${learningRate}'`, eta0);
    }
  },
  autoOffset: ({ rho }) => rho,
  fit(rows, options, { sampleWeight }) {
    const rule = ruleOf(options, options.maxIter);
    const state = continueSgd(sgdStart(rows.columns, rule.average), rows, sampleWeight, rule);
    if (rule.tol !== undefined && state.nIter === options.maxIter) {
      warn(
        NAME,
        'Maximum number of iteration reached before convergence. Consider increasing maxIter to improve the fit',
      );
    }
    return { state };
  },
  score({ coefficients }, { data, rows, columns }) {
    const scores = new Float64Array(rows);
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = 0;
      for (let f = 0; f < columns; f++) sum += coefficients[f]! * data[at++]!;
      scores[i] = sum;
    }
    return scores;
  },
  layout: {
    coef: 'float64',
    intercept: 'number',
    averageCoef: 'float64',
    averageIntercept: 'number',
    t: 'number',
    epochs: 'number',
    nIter: 'number',
    coefficients: 'float64',
    rho: 'number',
  },
  faultOf({ coef, coefficients, averageCoef, t, epochs }, columns, { average }) {
    if (coef.length !== columns || coefficients.length !== columns)
      return `${coef.length} weights for ${columns} features`;
    if (averageCoef.length !== (Number(average) > 0 ? columns : 0)) return `${averageCoef.length} averaged weights`;
    return t >= 1 && Number.isInteger(epochs) && epochs >= 0 ? undefined : `${epochs} times through ${t} rows`;
  },
};

/** One more time through these rows, which may be others than before: what `partialFit` does. */
export function sgdPartialFit(
  state: SGDOneClassSVMState,
  rows: Matrix,
  options: Complete<SGDOneClassSVMOptions>,
): SGDOneClassSVMState {
  return continueSgd(state, rows, undefined, ruleOf(options, 1));
}

function ruleOf(options: Complete<SGDOneClassSVMOptions>, maxIter: number): SgdRule {
  return {
    ...options,
    maxIter,
    average: Number(options.average),
    tol: options.tol === 'none' ? undefined : options.tol,
  };
}

function continueSgd(
  from: SgdProgress,
  rows: Matrix,
  weights: Float64Array | undefined,
  rule: SgdRule,
): SGDOneClassSVMState {
  const { progress, iterations } = sgdOneClass(from, rows, weights, rule);
  const averaged = rule.average > 0 && rule.average <= progress.t - 1;
  return {
    ...progress,
    nIter: iterations,
    coefficients: averaged ? progress.averageCoef : progress.coef,
    rho: 1 - (averaged ? progress.averageIntercept : progress.intercept),
  };
}
