import { type Key, key, NotFittedError } from '@dl/core';
import type { NdArray } from '@dl/core/data';
import { type Matrix, takeRows } from '../data/matrix';
import { type Rows, requireColumns, requireFinite, toMatrix } from '../data/rows';
import { type Complete, complete, oneOf, type Ranges, random, whole } from '../detector/ranges';
import { warn } from '../detector/warn';
import { symmetricEigen } from '../linear-algebra/symmetric-eigen';
import { withKernels } from '../memory/kernels';
import { sampleWithoutReplacement } from '../random/sample';
import { gammaOf, type KernelOptions, kernelRanges, ofDot } from './kernel-function';

/** Options of a `Nystroem` map. */
export interface NystroemOptions extends Pick<KernelOptions, 'gamma' | 'degree' | 'coef0'> {
  /**
   * As of a support vector machine.
   * @default 'rbf'
   */
  kernel?: 'rbf' | 'linear' | 'poly' | 'sigmoid';
  /**
   * Features of the map: training rows that it is built from. At most all of them.
   * @default 100
   */
  nComponents?: number;
  /**
   * What these rows are drawn with.
   * @default key(0)
   */
  key?: Key;
}

/** Ranges of `NystroemOptions`. */
export const nystroemRanges: Ranges<NystroemOptions> = {
  kernel: oneOf('rbf', ['rbf', 'linear', 'poly', 'sigmoid']),
  gamma: kernelRanges.gamma,
  degree: kernelRanges.degree,
  coef0: kernelRanges.coef0,
  nComponents: whole(100),
  key: random(key(0)),
};

/** A fitted map. */
export interface NystroemMap {
  /** The rows it is built from, `[components, features]`. */
  components: Float64Array;
  /** K^(-1/2) of these rows, `[components, components]`. */
  normalization: Float64Array;
  /** gamma as a number. */
  gamma: number;
}

/** Eigenvalues below this are taken for it: scikit-learn. */
const LEAST = 1e-12;

/** Draws the rows of a map, and decomposes their kernel matrix. */
export function fitNystroem(rows: Matrix, options: Complete<NystroemOptions>): NystroemMap {
  let count = options.nComponents;
  if (count > rows.rows) {
    warn('Nystroem', `nComponents (${count}) > n_samples (${rows.rows}): it is set to ${rows.rows}`);
    count = rows.rows;
  }
  const gamma = gammaOf(rows, options.gamma);
  const basis = takeRows(rows, sampleWithoutReplacement(rows.rows, count, options.key));
  const { values, vectors } = symmetricEigen(kernelMatrix(basis, basis, options, gamma), count);
  const normalization = new Float64Array(count * count);
  for (let v = 0; v < count; v++) {
    const scale = 1 / Math.sqrt(Math.max(values[v]!, LEAST));
    for (let i = 0; i < count; i++) {
      const left = scale * vectors[v * count + i]!;
      for (let j = 0; j < count; j++) normalization[i * count + j]! += left * vectors[v * count + j]!;
    }
  }
  return { components: basis.data, normalization, gamma };
}

/** Rows as the map sees them, whose dot products are near the kernel's values. */
export function applyNystroem(map: NystroemMap, rows: Matrix, options: Complete<NystroemOptions>): Matrix {
  const count = map.components.length / rows.columns;
  const basis = { data: map.components, rows: count, columns: rows.columns };
  const values = kernelMatrix(rows, basis, options, map.gamma);
  const data = multiply({ data: values, rows: rows.rows, columns: count }, map.normalization, count);
  return { data, rows: rows.rows, columns: count };
}

/** K(a, b), `[rows of a, rows of b]`. */
function kernelMatrix(a: Matrix, b: Matrix, options: Complete<NystroemOptions>, gamma: number): Float64Array {
  const dots = multiply(a, b.data, b.rows);
  const f = ofDot(options, gamma);
  if (f !== undefined) return dots.map(f);
  const [lengthsA, lengthsB] = [squaredLengths(a), squaredLengths(b)];
  for (let i = 0, at = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++, at++) {
      dots[at] = Math.exp(-gamma * Math.max(0, lengthsA[i]! + lengthsB[j]! - 2 * dots[at]!));
    }
  }
  return dots;
}

function squaredLengths({ data, rows, columns }: Matrix): Float64Array {
  const lengths = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) for (let f = 0; f < columns; f++) lengths[i]! += data[at++]! ** 2;
  return lengths;
}

/** a [m, k] times the transpose of b [n, k]. */
function multiply({ data, rows: m, columns: k }: Matrix, b: Float64Array, n: number): Float64Array {
  return withKernels((kernels, lease) => {
    const packed = lease.bytes(kernels.panelBytes(n, k));
    kernels.packRows(n, k, lease.put(b), packed);
    const out = lease.bytes(8 * m * n);
    kernels.products(m, n, k, lease.put(data), packed, out, lease.bytes(128));
    return lease.float64(out, m * n);
  });
}

/**
 * Features whose dot products are near the values of a kernel, from a sample of the training rows: what makes a linear
 * detector see curved boundaries. Williams, Seeger (2001); scikit-learn's `Nystroem`.
 *
 * @example
 * ```ts
 * import { novelty, Nystroem } from '@dl/anomaly';
 *
 * const rows = Array.from({ length: 200 }, (_, i) => [Math.cos(i), Math.sin(i)]); // a circle
 * const map = new Nystroem({ nComponents: 20 }).fit(rows);
 * const detector = new novelty.SGDOneClassSVM({ nu: 0.05 }).fit(map.transform(rows));
 * const labels = detector.predict(map.transform([[1, 0], [9, 9]])); // [1, -1]
 * ```
 */
export class Nystroem {
  /** The options, defaults filled in. */
  readonly options: Complete<NystroemOptions>;
  #map: NystroemMap | undefined;
  #columns = 0;

  /** @throws ParameterError for options out of range */
  constructor(options: NystroemOptions = {}) {
    this.options = complete('Nystroem', nystroemRanges, options);
  }

  /** What was learnt. @throws NotFittedError before `fit` */
  get fitted(): Readonly<NystroemMap> {
    if (this.#map === undefined) {
      throw new NotFittedError('This Nystroem instance is not fitted yet. Call fit(X) with training data before this');
    }
    return this.#map;
  }

  /** Draws the rows of the map. */
  fit(x: Rows): this {
    const rows = toMatrix(x, 'Nystroem');
    requireFinite(rows, 'Nystroem');
    this.#map = fitNystroem(rows, this.options);
    this.#columns = rows.columns;
    return this;
  }

  /** Maps rows to `[rows, nComponents]`. */
  transform(x: Rows): NdArray<Float64Array> {
    const map = this.fitted;
    const rows = toMatrix(x, 'Nystroem');
    requireColumns(rows, 'Nystroem', this.#columns);
    requireFinite(rows, 'Nystroem');
    const { data, columns } = applyNystroem(map, rows, this.options);
    return { data, shape: [rows.rows, columns] };
  }
}
