import type { Key } from '@dl/core';
import { column, type Matrix, takeRows } from '../data/matrix';
import { smallest } from '../data/smallest';
import { warn } from '../detector/warn';
import type { Kernels } from '../kernels.generated';
import { cholesky, logDeterminant } from '../linear-algebra/cholesky';
import { type Moments, normalised } from '../linear-algebra/covariance';
import { flatWhiteningOf, whiteningOf } from '../linear-algebra/whitening';
import { withKernels } from '../memory/kernels';
import type { Lease } from '../memory/lease';
import { sampleWithoutReplacement } from '../random/sample';

/** The rows whose covariance has the smallest determinant, and what they say. */
export interface RobustMoments extends Moments {
  /** Places of these rows, ascending. */
  support: Int32Array;
  /** Squared Mahalanobis distance of every row. */
  distances: Float64Array;
  /** -Infinity where the covariance of these rows is singular. */
  logDeterminant: number;
}

/** Starts, in all; as in the paper, where scikit-learn takes 30 on small data. */
const TRIALS = 500;
/** Steps of each start before the best are chosen. */
const FIRST_STEPS = 2;
const MOST_STEPS = 30;
const BEST = 10;
/** Rows that are searched as a whole. */
const SMALL = 500;
/** How often two rows are exchanged at most, and how many rows are tried against as many. */
const MOST_EXCHANGES = 200;
const PAIRED = 40;
const SUBSET = 300;
const MERGED = 1500;

/**
 * The minimum covariance determinant by FastMCD: from many starts, repeatedly take the `count` rows nearest to the mean by
 * the covariance of the rows taken before, which never raises its determinant. Large data is first searched in parts.
 * Half of the starts are random halves as in scikit-learn, half are the d + 1 rows of the paper, which lie farther apart.
 * Rousseeuw, Van Driessen (1999); scikit-learn's `fast_mcd`.
 *
 * @param count rows of the support
 */
export function minimumCovarianceDeterminant(rows: Matrix, count: number, key: Key): RobustMoments {
  if (rows.columns === 1) return shortestHalf(rows, count);
  const n = rows.rows;
  if (n <= SMALL) {
    return withSearch(rows, count, (search) => {
      const starts = search.starts(TRIALS, key).map((start) => search.concentrate(start, FIRST_STEPS));
      return search.finish(best(starts, BEST));
    });
  }
  const [order, forMerged, forTrials] = key.split(3);
  const subsets = Math.floor(n / SUBSET);
  const size = Math.floor(n / subsets);
  const shuffled = order.permutation(n);
  const share = count / n;
  let candidates: Candidate[] = [];
  for (let s = 0; s < subsets; s++) {
    const part = takeRows(rows, shuffled.subarray(s * size, (s + 1) * size));
    withSearch(part, Math.ceil(size * share), (search) => {
      const starts = search.starts(Math.max(10, Math.floor(TRIALS / subsets)), forTrials.fold(s));
      candidates.push(
        ...best(
          starts.map((start) => search.concentrate(start, FIRST_STEPS)),
          BEST,
        ).map(elsewhere),
      );
    });
  }
  if (n > MERGED) {
    const merged = takeRows(rows, sampleWithoutReplacement(n, MERGED, forMerged));
    candidates = withSearch(merged, Math.ceil(MERGED * share), (search) => {
      const pooled = candidates.map((candidate) => search.concentrate(candidate, FIRST_STEPS));
      return best(pooled, BEST).map((candidate) => elsewhere(search.concentrate(candidate, MOST_STEPS)));
    });
  }
  return withSearch(rows, count, (search) =>
    search.finish(
      best(
        candidates.map((candidate) => search.concentrate(candidate, FIRST_STEPS)),
        BEST,
      ),
    ),
  );
}

/** A set of rows, by its moments. */
interface Candidate extends Moments {
  logDeterminant: number;
  /** Undefined for a start from other rows. */
  support: Int32Array | undefined;
}

function best(candidates: readonly Candidate[], count: number): Candidate[] {
  // Of singular ones, the flattest.
  const sorted = [...candidates].sort((a, b) =>
    a.logDeterminant === b.logDeterminant ? trace(a) - trace(b) : a.logDeterminant - b.logDeterminant,
  );
  // Starts that have met are one.
  return sorted
    .filter((candidate, i) => i === 0 || candidate.logDeterminant !== sorted[i - 1]!.logDeterminant)
    .slice(0, count);
}

function trace({ mean, covariance }: Candidate): number {
  let sum = 0;
  for (let f = 0; f < mean.length; f++) sum += covariance[f * (mean.length + 1)]!;
  return sum;
}

/** What is known of it when other rows are searched. */
function elsewhere({ mean, covariance }: Candidate): Candidate {
  return { mean, covariance, support: undefined, logDeterminant: Number.POSITIVE_INFINITY };
}

/** Searches some rows, which are given to the kernels once. */
function withSearch<T>(rows: Matrix, count: number, use: (search: Search) => T): T {
  return withKernels((kernels, lease) => use(new Search(rows, count, kernels, lease)));
}

/** Concentration steps on some rows. */
class Search {
  readonly #rows: Matrix;
  readonly #count: number;
  readonly #scratch: Float64Array;
  readonly #kernels: Kernels;
  readonly #lease: Lease;
  readonly #at: Record<'x' | 'indices' | 'mean' | 'sums' | 'w' | 'packed' | 'distances' | 'scratch', number>;

  constructor(rows: Matrix, count: number, kernels: Kernels, lease: Lease) {
    const { rows: n, columns: d } = rows;
    this.#rows = rows;
    this.#count = count;
    this.#scratch = new Float64Array(n);
    this.#kernels = kernels;
    this.#lease = lease;
    this.#at = {
      x: lease.put(rows.data),
      indices: lease.bytes(4 * n),
      mean: lease.bytes(8 * d),
      sums: lease.bytes(8 * d * d),
      w: lease.bytes(8 * d * d),
      packed: lease.bytes(kernels.panelBytes(d, d)),
      distances: lease.bytes(8 * n),
      scratch: lease.bytes(Math.max(kernels.scatterScratch(d), kernels.squaredLengthsScratch(d))),
    };
  }

  /** Random sets of rows to start from. */
  starts(trials: number, key: Key): Candidate[] {
    const { rows: n, columns: d } = this.#rows;
    return Array.from({ length: trials }, (_, t) => {
      const order = key.fold(t).permutation(n);
      if (t % 2 === 0) return this.#momentsOf(Int32Array.from(order.subarray(0, this.#count)).sort());
      // As few rows as determine a covariance; where these lie in a plane, the rows of that plane come first.
      return this.#momentsOf(Int32Array.from(order.subarray(0, Math.min(this.#count, d + 1))).sort());
    });
  }

  /** Steps until the determinant stands still. */
  concentrate(start: Candidate, steps: number): Candidate {
    let at = start;
    let first = start.support === undefined || start.support.length !== this.#count;
    for (let step = 0; step < steps; step++) {
      if (!first && at.logDeterminant === Number.NEGATIVE_INFINITY) break;
      const next = this.#momentsOf(smallest(this.#distances(at, flatWhiteningOf), this.#count, this.#scratch));
      if (!first && next.logDeterminant >= at.logDeterminant - 1e-12) {
        if (next.logDeterminant > at.logDeterminant + 1e-8) {
          warn(
            'EllipticEnvelope',
            `Determinant has increased; this should not happen: log(det) > log(previous_det) (${next.logDeterminant} > ` +
              `${at.logDeterminant}). You may want to try with a higher value of supportFraction`,
          );
        }
        break;
      }
      at = next;
      first = false;
    }
    return at;
  }

  /** The best of these on all rows, where neither a step nor the exchange of two rows makes the determinant smaller. */
  finish(candidates: readonly Candidate[]): RobustMoments {
    const settled = best(
      candidates.map((candidate) => this.concentrate(candidate, MOST_STEPS)),
      BEST,
    );
    // Of many rows two change next to nothing, at the price of a step.
    const exchanged = this.#rows.rows > SMALL ? settled : settled.map((candidate) => this.#exchange(candidate));
    const [winner] = best(exchanged, 1);
    const { mean, covariance, logDeterminant, support } = winner!;
    return { mean, covariance, logDeterminant, support: support!, distances: this.#distances(winner!) };
  }

  /**
   * Takes a row of the support out and another one in, as long as that helps. With u the distance to the mean, a = u' A^-1 u
   * by the scatter A of h rows: without row j, A becomes A - c u_j u_j' with c = h / (h - 1), and row i then lies at
   * v = u_i + u_j / (h - 1), so that the determinant is multiplied by (1 - c a_jj) (1 + (v' A'^-1 v) / c).
   * Hawkins: The Feasible Solution Algorithm for the Minimum Covariance Determinant Estimator, 1994.
   */
  #exchange(start: Candidate): Candidate {
    const { rows: n, columns: d, data } = this.#rows;
    const h = this.#count;
    const c = h / (h - 1);
    let at = start;
    for (let round = 0; round < MOST_EXCHANGES && h < n && Number.isFinite(at.logDeterminant); round++) {
      const distances = this.#distances(at);
      const inside = new Set(at.support);
      const farthest = [...inside].sort((a, b) => distances[b]! - distances[a]!).slice(0, PAIRED);
      const outside = Array.from(distances.keys()).filter((i) => !inside.has(i));
      const nearest = outside.sort((a, b) => distances[a]! - distances[b]!).slice(0, PAIRED);
      const { matrix, rows: p } = whiteningOf(at.covariance, d);
      const whitened = (i: number) => {
        const y = new Float64Array(p);
        for (let r = 0; r < p; r++) {
          for (let f = 0; f < d; f++) y[r]! += matrix[r * d + f]! * (data[i * d + f]! - at.mean[f]!);
        }
        return y;
      };
      const candidates = nearest.map((i) => ({ i, y: whitened(i) }));
      let [smallestRatio, out, into] = [1 - 1e-10, -1, -1];
      for (const j of farthest) {
        const yj = whitened(j);
        const ajj = distances[j]! / h; // the scatter is h times the covariance
        for (const { i, y } of candidates) {
          let aij = 0;
          for (let r = 0; r < p; r++) aij += (y[r]! * yj[r]!) / h;
          const vv = distances[i]! / h + (2 * aij) / (h - 1) + ajj / (h - 1) ** 2;
          const vu = aij + ajj / (h - 1);
          const ratio = (1 - c * ajj) * (1 + (vv + (c * vu * vu) / (1 - c * ajj)) / c);
          if (ratio < smallestRatio) [smallestRatio, out, into] = [ratio, j, i];
        }
      }
      if (out < 0) break;
      const swapped = this.#momentsOf(at.support!.map((row) => (row === out ? into : row)).sort());
      if (swapped.logDeterminant >= at.logDeterminant) break;
      at = this.concentrate(swapped, MOST_STEPS);
    }
    return at;
  }

  #momentsOf(support: Int32Array): Candidate {
    const d = this.#rows.columns;
    const [kernels, lease, at] = [this.#kernels, this.#lease, this.#at];
    lease.write(at.indices, support);
    const total = kernels.scatter(support.length, d, at.x, at.indices, 0, 0, at.mean, at.sums, at.scratch);
    const moments = normalised(lease.float64(at.mean, d), lease.float64(at.sums, d * d), total);
    const l = cholesky(moments.covariance, d);
    return { ...moments, support, logDeterminant: l === undefined ? Number.NEGATIVE_INFINITY : logDeterminant(l, d) };
  }

  #distances({ mean, covariance }: Moments, whitening: typeof whiteningOf = whiteningOf): Float64Array {
    const { rows: n, columns: d } = this.#rows;
    const [kernels, lease, at] = [this.#kernels, this.#lease, this.#at];
    const { matrix, rows: p, triangular } = whitening(covariance, d);
    lease.write(at.mean, mean);
    lease.write(at.w, matrix);
    kernels.packRows(p, d, at.w, at.packed);
    kernels.squaredLengths(n, d, p, at.x, at.mean, at.packed, triangular ? 1 : 0, at.distances, at.scratch);
    return lease.float64(at.distances, n);
  }
}

/** One feature: the middle of the shortest stretch with `count` values, exactly. Rousseeuw, Leroy (2005), chapter 4. */
function shortestHalf(rows: Matrix, count: number): RobustMoments {
  const values = column(rows, 0);
  const n = values.length;
  let location = 0;
  let support = Int32Array.from(values.keys());
  if (count < n) {
    const sorted = values.slice().sort();
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = 0; i + count < n; i++) shortest = Math.min(shortest, sorted[i + count]! - sorted[i]!);
    let [sum, found] = [0, 0];
    for (let i = 0; i + count < n; i++) {
      if (sorted[i + count]! - sorted[i]! !== shortest) continue;
      sum += sorted[i + count]! + sorted[i]!;
      found++;
    }
    location = (0.5 * sum) / found;
    support = Int32Array.from(
      smallest(
        values.map((v) => Math.abs(v - location)),
        count,
        new Float64Array(n),
      ),
    );
  } else {
    for (const value of values) location += value / n;
  }
  let [mean, variance] = [0, 0];
  for (const i of support) mean += values[i]! / support.length;
  for (const i of support) variance += (values[i]! - mean) ** 2 / support.length;
  return {
    mean: Float64Array.of(location),
    covariance: Float64Array.of(variance),
    support,
    distances: values.map((v) => (variance === 0 ? 0 : (v - location) ** 2 / variance)),
    logDeterminant: Math.log(variance),
  };
}
