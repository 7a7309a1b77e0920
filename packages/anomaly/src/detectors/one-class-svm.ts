import { ConfigError, DlError } from '@dl/core';
import { type Matrix, takeRows } from '../data/matrix';
import { type DataOptions, dataRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, flag, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { withKernels } from '../memory/kernels';
import { gammaOf, type KernelOptions, kernelRanges, ofDot } from '../svm/kernel-function';
import { finite, kernelRows } from '../svm/kernel-rows';
import { solveOneClass } from '../svm/solve-one-class';

/** Options of `OneClassSVM`. */
export interface OneClassSVMOptions extends DataOptions, KernelOptions {
  /**
   * At most this share of training rows lies outside, and at least this share supports the boundary; 0 < nu <= 1.
   * @default 0.5
   */
  nu?: number;
  /**
   * By how much the optimality conditions may be violated.
   * @default 1e-3
   */
  tol?: number;
  /**
   * Whether rows that stay at a bound are left out for a while. The solution does not depend on it.
   * @default true
   */
  shrinking?: boolean;
  /**
   * Memory for rows of the kernel matrix, in MB.
   * @default 200
   */
  cacheSize?: number;
  /**
   * Steps at most; -1 for no limit but that of libsvm, max(10^7, 100 rows).
   * @default -1
   */
  maxIter?: number;
}

/** What a fitted `OneClassSVM` keeps. */
export type OneClassSVMState = {
  /** Which training rows support the boundary, ascending. `[vectors]` */
  support: Int32Array;
  /** They themselves, `[vectors, features]`; empty where the kernel is precomputed. */
  supportVectors: Float64Array;
  /** alpha of each; they add up to nu * rows. `[vectors]` */
  dualCoef: Float64Array;
  /** gamma as a number. */
  gamma: number;
  /** What a score is compared with: rho. */
  rho: number;
  /** Steps of the solver. */
  nIter: number;
  /** 0 where the tolerance was reached, else 1. */
  fitStatus: number;
  /** How many training rows there were. */
  nSamplesFit: number;
};

const NAME = 'OneClassSVM';

/**
 * A boundary around the training rows, as tight as nu allows: score = sum over support vectors of alpha K(x, s), and a row
 * is an inlier where that is above rho. Solved by SMO, as libsvm does, with alpha on its scale: 0 <= alpha <= 1.
 * Schoelkopf, Platt, Shawe-Taylor, Smola, Williamson (2001); scikit-learn's `OneClassSVM`.
 */
export const oneClassSVM: Definition<OneClassSVMOptions, OneClassSVMState> = {
  name: NAME,
  ranges: {
    ...dataRanges,
    ...kernelRanges,
    nu: between(0.5, '(]', 0, 1),
    tol: between(1e-3, '()', 0),
    shrinking: flag(true),
    cacheSize: between(200, '()', 0),
    maxIter: whole(-1, -1),
  },
  weighted: true,
  strict: true,
  precomputed: ({ kernel }) => kernel === 'precomputed',
  autoOffset: ({ rho }) => rho,
  fit(rows, options, { sampleWeight }) {
    const weights = sampleWeight ?? new Float64Array(rows.rows).fill(1);
    if (!weights.some((weight) => weight > 0)) {
      throw new ConfigError(NAME, 'Invalid input - all samples have zero or negative weights.');
    }
    if (options.kernel === 'linear' && sampleWeight === undefined && isCentred(rows)) {
      warn(
        NAME,
        'a linear kernel separates the rows from the origin, which says nothing of centred rows: the solution is degenerate ' +
          'and takes long. Use the kernel rbf, or rows that are not centred',
      );
    }
    const kept = Int32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
    const all = kept.length === rows.rows;
    const training = all ? rows : subset(rows, kept, options);
    const bounds = all ? weights : Float64Array.from(kept, (i) => weights[i]!);
    const gamma = options.kernel === 'precomputed' ? 0 : gammaOf(rows, options.gamma);
    const maxIter = options.maxIter === -1 ? Math.max(10_000_000, 100 * rows.rows) : options.maxIter;
    const { alpha, rho, iterations, converged } = withKernels((kernels, lease) =>
      solveOneClass(
        kernelRows(training, options, gamma, options.cacheSize * 2 ** 20, kernels, lease),
        bounds,
        options.nu,
        { tol: options.tol, shrinking: options.shrinking, maxIter },
      ),
    );
    if (!converged) warn(NAME, `the solver stopped after ${iterations} steps, before tol = ${options.tol} was reached`);
    const supporting = Int32Array.from(alpha.keys()).filter((i) => alpha[i]! > 0);
    return {
      state: {
        support: supporting.map((i) => kept[i]!),
        supportVectors: options.kernel === 'precomputed' ? new Float64Array(0) : takeRows(training, supporting).data,
        dualCoef: Float64Array.from(supporting, (i) => alpha[i]!),
        gamma,
        rho,
        nIter: iterations,
        fitStatus: converged ? 0 : 1,
        nSamplesFit: rows.rows,
      },
    };
  },
  score: kernelSums,
  layout: {
    support: 'int32',
    supportVectors: 'float64',
    dualCoef: 'float64',
    gamma: 'number',
    rho: 'number',
    nIter: 'number',
    fitStatus: 'number',
    nSamplesFit: 'number',
  },
  faultOf({ support, supportVectors, dualCoef, nSamplesFit }, columns, { kernel }) {
    const vectors = support.length;
    if (dualCoef.length !== vectors) return `${dualCoef.length} coefficients of ${vectors} support vectors`;
    if (supportVectors.length !== (kernel === 'precomputed' ? 0 : vectors * columns)) {
      return `${supportVectors.length} numbers for ${vectors} support vectors of ${columns}`;
    }
    const limit = kernel === 'precomputed' ? columns : nSamplesFit;
    return support.every((i) => i >= 0 && i < limit) ? undefined : `a support vector beyond row ${limit}`;
  },
};

/**
 * The weights of the features, where the kernel is linear: score = coef . x. scikit-learn's `coef_`.
 *
 * @returns `[features]`
 * @throws DlError for other kernels, which have none
 */
export function linearCoefficients(
  { supportVectors, dualCoef }: OneClassSVMState,
  { kernel }: Complete<OneClassSVMOptions>,
): Float64Array {
  if (kernel !== 'linear') throw new DlError('OneClassSVM: coef_ is only available when using a linear kernel');
  const columns = supportVectors.length / dualCoef.length;
  const coefficients = new Float64Array(columns);
  for (let s = 0, at = 0; s < dualCoef.length; s++) {
    for (let f = 0; f < columns; f++) coefficients[f]! += dualCoef[s]! * supportVectors[at++]!;
  }
  return coefficients;
}

/** score = sum of alpha K(x, s) over the support vectors s. */
function kernelSums(state: OneClassSVMState, rows: Matrix, options: Complete<OneClassSVMOptions>): Float64Array {
  const { support, supportVectors, dualCoef, gamma } = state;
  const { kernel } = options;
  const { data, rows: m, columns: d } = rows;
  const n = support.length;
  if (kernel === 'precomputed') {
    return Float64Array.from({ length: m }, (_, i) =>
      support.reduce((sum, s, v) => sum + dualCoef[v]! * data[i * d + s]!, 0),
    );
  }
  if (typeof kernel === 'function') {
    const vectors = Array.from({ length: n }, (_, v) => supportVectors.subarray(v * d, (v + 1) * d));
    return Float64Array.from({ length: m }, (_, i) => {
      const row = data.subarray(i * d, (i + 1) * d);
      return vectors.reduce((sum, vector, v) => sum + dualCoef[v]! * finite(kernel(row, vector), i, support[v]!), 0);
    });
  }
  return withKernels((kernels, lease) => {
    const x = lease.put(data);
    const vectors = lease.put(supportVectors);
    const packed = lease.bytes(kernels.panelBytes(n, d));
    kernels.packRows(n, d, vectors, packed);
    const scratch = lease.bytes(256);
    if (kernel === 'rbf') {
      const norms = lease.bytes(8 * (n + 4));
      kernels.squaredNorms(n, d, vectors, norms);
      const weights = new Float64Array(n + 4);
      weights.set(dualCoef);
      const sums = lease.bytes(8 * m);
      kernels.rbfSums(m, n, d, x, packed, norms, lease.put(weights), gamma, sums, scratch);
      return lease.float64(sums, m);
    }
    const f = ofDot(options, gamma)!;
    const scores = new Float64Array(m);
    const block = Math.max(1, Math.floor(2 ** 20 / n));
    const dots = lease.bytes(8 * block * n);
    for (let at = 0; at < m; at += block) {
      const count = Math.min(block, m - at);
      kernels.products(count, n, d, x + at * d * 8, packed, dots, scratch);
      const values = lease.float64(dots, count * n);
      for (let i = 0, v = 0; i < count; i++) {
        let sum = 0;
        for (let s = 0; s < n; s++) sum += dualCoef[s]! * f(values[v++]!);
        scores[at + i] = sum;
      }
    }
    return scores;
  });
}

/** Whether the mean of every feature is small beside its spread. */
function isCentred({ data, rows, columns }: Matrix): boolean {
  for (let f = 0; f < columns; f++) {
    let [sum, squares] = [0, 0];
    for (let at = f; at < data.length; at += columns) {
      sum += data[at]!;
      squares += data[at]! ** 2;
    }
    if (sum * sum > 1e-6 * rows * squares) return false;
  }
  return true;
}

/** Some of the rows; of a precomputed kernel, the columns as well. */
function subset(rows: Matrix, kept: Int32Array, { kernel }: Complete<OneClassSVMOptions>): Matrix {
  const taken = takeRows(rows, kept);
  if (kernel !== 'precomputed') return taken;
  const square = new Float64Array(kept.length ** 2);
  for (let i = 0, at = 0; i < kept.length; i++) {
    for (const j of kept) square[at++] = taken.data[i * rows.columns + j]!;
  }
  return { data: square, rows: kept.length, columns: kept.length };
}
