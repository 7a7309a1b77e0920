import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { complete } from '../detector/ranges';
import { requireOneFeature } from './one-feature';
import { asSeries, type Series } from './series';
import { requireTimes, toPoints, type WindowOptions, windowOf, windowRanges } from './windows';

/** For each window the one that it is most like. */
export interface Profile {
  /** Times in a window. */
  readonly window: number;
  /** Z-normalised Euclidean distance to the nearest window that begins more than half a window away, `[times - window + 1]`. */
  readonly distances: Float64Array;
  /** Where that window begins, `[times - window + 1]`. */
  readonly indices: Int32Array;
}

/** Options of `MatrixProfile`. */
export interface MatrixProfileOptions extends ShareOptions, WindowOptions {}

/** What a fitted `MatrixProfile` keeps. */
export type MatrixProfileState = {
  /** The training series. */
  values: Float64Array;
  /** Times in a window. */
  window: number;
};

/**
 * The distance of each window to the one most like it, both z-scored: score = -sqrt(2 w (1 - r)) with r the highest
 * correlation. Of the training series, windows that begin within half a window of each other do not count. From a constant
 * window another one is 0 away and any other sqrt(w), as for stumpy.
 *
 * Of two windows and the next two the covariance differs by two terms, so that it is carried along the diagonals: n^2 / 2
 * short steps whatever the window, where products by Fourier transforms (MASS) take n^2 log n. Yeh et al. (2016); Zimmerman
 * et al. (SCAMP, 2019); stumpy's `stump`.
 */
export const matrixProfileDetector: Definition<MatrixProfileOptions, MatrixProfileState> = {
  name: 'MatrixProfile',
  ranges: { ...shareRanges, ...windowRanges },
  fit(rows, options) {
    requireOneFeature(rows, 'MatrixProfile');
    const window = windowOf(rows, options.window, 'MatrixProfile');
    const values = rows.data.slice();
    const scores = () => pointScores(nearestOfItself(values, window).correlations, values.length, window);
    return { state: { values, window }, scores };
  },
  score({ values, window }, rows) {
    requireTimes(rows.rows, window, 'MatrixProfile', `a window of ${window}`);
    const [training, moving] = [momentsOf(values, window), momentsOf(rows.data, window)];
    const [best, unused] = [noneYet(moving), noneYet(training)];
    for (let i = 0; i < moving.means.length; i++) alongDiagonal(moving, training, i, 0, best, unused);
    for (let j = 1; j < training.means.length; j++) alongDiagonal(moving, training, 0, j, best, unused);
    return pointScores(best.correlations, rows.rows, window);
  },
  holes: 'scored',
  layout: { values: 'float64', window: 'number' },
  faultOf: ({ values, window }, columns) =>
    columns === 1 && Number.isInteger(window) && window >= 2 && window <= values.length
      ? undefined
      : `${values.length} values of ${columns} features for windows of ${window}`,
};

/**
 * The matrix profile, exact: what `MatrixProfile` scores by, with the place of the nearest window, by which motifs are found.
 *
 * @param x one number a time
 * @throws ParameterError for a window that does not fit twice; NumericsError for NaN and Infinity
 */
export function matrixProfile(x: Series, options: WindowOptions = {}): Profile {
  const rows = asSeries(x, 'matrixProfile');
  requireOneFeature(rows, 'matrixProfile');
  const window = windowOf(rows, complete('matrixProfile', windowRanges, options).window, 'matrixProfile');
  const { correlations, indices } = nearestOfItself(rows.data, window);
  return { window, distances: correlations.map((r) => distance(r, window)), indices };
}

function pointScores(correlations: Float64Array, times: number, window: number): Float64Array {
  return toPoints(
    correlations.map((r) => -distance(r, window)),
    times,
    window,
  );
}

/** NaN where there was no window to compare with. */
function distance(correlation: number, window: number): number {
  if (correlation === Number.NEGATIVE_INFINITY) return Number.NaN;
  return Math.sqrt(Math.max(0, 2 * window * (1 - correlation)));
}

/** For each window the highest correlation so far, and the window it is with. */
interface Nearest {
  correlations: Float64Array;
  indices: Int32Array;
}

function noneYet({ inverse }: Moving): Nearest {
  return {
    correlations: inverse.map((of) => (of === HOLE ? Number.NaN : Number.NEGATIVE_INFINITY)),
    indices: new Int32Array(inverse.length).fill(-1),
  };
}

function nearestOfItself(values: Float64Array, window: number): Nearest {
  const moving = momentsOf(values, window);
  const best = noneYet(moving);
  for (let apart = (window >> 1) + 1; apart < moving.means.length; apart++) {
    alongDiagonal(moving, moving, 0, apart, best, best);
  }
  return best;
}

interface Moving {
  /** Without holes. */
  values: Float64Array;
  window: number;
  means: Float64Array;
  /** 1 / (sqrt(w) standard deviation) of each window; 0 for a constant one, -1 for one with a hole. */
  inverse: Float64Array;
  /** Half of what came in less what went out, from the window before. */
  change: Float64Array;
  /** What came in and what went out, each from the mean of its window. */
  reach: Float64Array;
}

/** A standard deviation below this is that of a constant window. */
const CONSTANT = 1e-8;
const HOLE = -1;

function momentsOf(given: Float64Array, window: number): Moving {
  const count = given.length - window + 1;
  const means = new Float64Array(count);
  const inverse = new Float64Array(count);
  const [change, reach] = [new Float64Array(count), new Float64Array(count)];
  const present = given.filter((value) => !Number.isNaN(value));
  const middle = present.reduce((sum, value) => sum + value, 0) / present.length;
  const values = given.map((value) => (Number.isNaN(value) ? middle : value)); // NaN would stay in the running sums
  let hole = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < window - 1; t++) if (Number.isNaN(given[t]!)) hole = t;
  for (let i = 0; i < count; i++) {
    let [sum, squares] = [0, 0];
    for (let k = i; k < i + window; k++) sum += values[k]!;
    means[i] = sum / window;
    for (let k = i; k < i + window; k++) squares += (values[k]! - means[i]!) ** 2;
    if (Number.isNaN(given[i + window - 1]!)) hole = i + window - 1;
    if (hole >= i) inverse[i] = HOLE;
    else inverse[i] = Math.sqrt(squares / window) < CONSTANT ? 0 : 1 / Math.sqrt(squares);
    if (i === 0) continue;
    const [inside, outside] = [values[i + window - 1]!, values[i - 1]!];
    change[i] = (inside - outside) / 2;
    reach[i] = inside - means[i]! + (outside - means[i - 1]!);
  }
  return { values, window, means, inverse, change, reach };
}

/** Correlations of the windows i, i + 1, ... of a with j, j + 1, ... of b; the highest of each is kept. */
function alongDiagonal(a: Moving, b: Moving, i: number, j: number, ofA: Nearest, ofB: Nearest): void {
  const { window: w, values: x, means: p, inverse: u, change: da, reach: ra } = a;
  const { values: y, means: q, inverse: v, change: db, reach: rb } = b;
  const { correlations: bestOfA, indices: inB } = ofA;
  const { correlations: bestOfB, indices: inA } = ofB;
  let covariance = 0;
  for (let k = 0; k < w; k++) covariance += (x[i + k]! - p[i]!) * (y[j + k]! - q[j]!);
  const steps = Math.min(p.length - i, q.length - j);
  for (let step = 0; step < steps; step++, i++, j++) {
    if (step > 0) covariance += da[i]! * rb[j]! + db[j]! * ra[i]!;
    const s = u[i]!;
    const t = v[j]!;
    let r = covariance * s * t;
    if (!(s > 0 && t > 0)) {
      if (s === HOLE || t === HOLE) continue;
      r = s === t ? 1 : 0.5;
    }
    if (r > bestOfA[i]!) {
      bestOfA[i] = r;
      inB[i] = j;
    }
    if (r > bestOfB[j]!) {
      bestOfB[j] = r;
      inA[j] = i;
    }
  }
}
