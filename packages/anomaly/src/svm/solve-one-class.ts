import type { KernelRows } from './kernel-rows';

/** The solution of the dual problem. */
export interface OneClassSolution {
  /** `[n]` */
  alpha: Float64Array;
  /** What the decision function subtracts. */
  rho: number;
  iterations: number;
  /** Whether the tolerance was reached before the last iteration. */
  converged: boolean;
}

/** How to solve it. */
export interface SolverOptions {
  /** By how much the optimality conditions may be violated. */
  tol: number;
  /** Whether rows that stay at a bound are left out for a while. */
  shrinking: boolean;
  maxIter: number;
}

/** Stands for the curvature where that is not positive. */
const TAU = 1e-12;

/**
 * Minimises 1/2 a' K a with 0 <= a_i <= c_i and sum a = nu sum c, by sequential minimal optimisation: at each step the pair
 * of rows that second-order information promises most from, with shrinking and the reconstruction of gradients.
 * Fan, Chen, Lin: Working Set Selection Using Second Order Information, 2005; libsvm's `Solver`, with all labels +1.
 *
 * @param c the upper bounds
 */
export function solveOneClass(k: KernelRows, c: Float64Array, nu: number, options: SolverOptions): OneClassSolution {
  return new Solver(k, c, nu).run(options);
}

class Solver {
  readonly #k: KernelRows;
  readonly #c: Float64Array;
  readonly #n: number;
  readonly #alpha: Float64Array;
  /** The gradient K alpha. */
  readonly #g: Float64Array;
  /** The part of the gradient that comes of rows at their upper bound. */
  readonly #atBound: Float64Array;
  /** Rows that take part, the first `#count` of them. */
  readonly #active: Int32Array;
  #count: number;
  #unshrunk = false;

  constructor(k: KernelRows, c: Float64Array, nu: number) {
    this.#k = k;
    this.#c = c;
    const n = c.length;
    this.#n = n;
    this.#count = n;
    this.#alpha = new Float64Array(n);
    this.#g = new Float64Array(n);
    this.#atBound = new Float64Array(n);
    this.#active = Int32Array.from({ length: n }, (_, i) => i);
    // libsvm's start: the first rows at their bound, the last of them at what is left. The sum is added up as there: whether
    // a row stays free by a rounding error decides what rho is read from.
    let left = c.reduce((sum, bound) => sum + nu * bound, 0);
    for (let i = 0; i < n && left > 0; i++) {
      const alpha = Math.min(c[i]!, left);
      this.#alpha[i] = alpha;
      left -= alpha;
      if (alpha === 0) continue;
      const row = k.row(i);
      add(this.#g, row, alpha);
      if (alpha === c[i]) add(this.#atBound, row, alpha);
    }
  }

  run({ tol, shrinking, maxIter }: SolverOptions): OneClassSolution {
    let iterations = 0;
    let untilShrink = Math.min(this.#n, 1000) + 1;
    let converged = true;
    for (;;) {
      if (--untilShrink === 0) {
        untilShrink = Math.min(this.#n, 1000);
        if (shrinking) this.#shrink(tol);
      }
      let pair = this.#select(tol);
      if (pair === undefined) {
        // Optimal for the rows that take part: look at all of them.
        this.#reconstruct();
        pair = this.#select(tol);
        if (pair === undefined) break;
        untilShrink = 1;
      }
      if (iterations >= maxIter) {
        converged = false;
        this.#reconstruct();
        break;
      }
      iterations++;
      this.#step(pair.i, pair.j);
    }
    return { alpha: this.#alpha, rho: this.#rho(), iterations, converged };
  }

  /** The row that the gradient wants to grow most, and the one that promises most when it shrinks for it. */
  #select(tol: number): { i: number; j: number } | undefined {
    const [alpha, g, c, active, count] = [this.#alpha, this.#g, this.#c, this.#active, this.#count];
    let i = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < count; a++) {
      const t = active[a]!;
      if (alpha[t]! < c[t]! && -g[t]! >= highest) {
        highest = -g[t]!;
        i = t;
      }
    }
    if (i < 0) return undefined;
    const row = this.#k.row(i);
    const diagonal = this.#k.diagonal;
    const own = diagonal[i]!;
    let j = -1;
    let lowest = Number.NEGATIVE_INFINITY;
    let best = Number.POSITIVE_INFINITY;
    for (let a = 0; a < count; a++) {
      const t = active[a]!;
      if (alpha[t]! <= 0) continue;
      const gradient = g[t]!;
      if (gradient > lowest) lowest = gradient;
      const difference = highest + gradient;
      if (difference > 0) {
        const curvature = own + diagonal[t]! - 2 * row[t]!;
        const gain = -(difference * difference) / (curvature > 0 ? curvature : TAU);
        if (gain <= best) {
          best = gain;
          j = t;
        }
      }
    }
    return highest + lowest < tol || j < 0 ? undefined : { i, j };
  }

  /** Moves weight from row j to row i, as far as the bounds let it. */
  #step(i: number, j: number): void {
    const [alpha, c, g, active] = [this.#alpha, this.#c, this.#g, this.#active];
    this.#k.row(j); // may take memory, so that both rows are seen afterwards only
    const ki = this.#k.row(i);
    const kj = this.#k.row(j);
    const curvature = this.#k.diagonal[i]! + this.#k.diagonal[j]! - 2 * ki[j]!;
    const [oldI, oldJ] = [alpha[i]!, alpha[j]!];
    const sum = oldI + oldJ;
    const delta = (g[i]! - g[j]!) / (curvature > 0 ? curvature : TAU);
    let [newI, newJ] = [oldI - delta, oldJ + delta];
    if (sum > c[i]! && newI > c[i]!) [newI, newJ] = [c[i]!, sum - c[i]!];
    else if (sum <= c[i]! && newJ < 0) [newI, newJ] = [sum, 0];
    if (sum > c[j]! && newJ > c[j]!) [newI, newJ] = [sum - c[j]!, c[j]!];
    else if (sum <= c[j]! && newI < 0) [newI, newJ] = [0, sum];
    alpha[i] = newI;
    alpha[j] = newJ;
    const [changeI, changeJ] = [newI - oldI, newJ - oldJ];
    if (this.#count === this.#n) {
      for (let t = 0; t < g.length; t++) g[t]! += ki[t]! * changeI + kj[t]! * changeJ;
    } else {
      for (let a = 0; a < this.#count; a++) {
        const t = active[a]!;
        g[t]! += ki[t]! * changeI + kj[t]! * changeJ;
      }
    }
    this.#crossBound(i, oldI >= c[i]!, ki);
    this.#crossBound(j, oldJ >= c[j]!, kj);
  }

  #crossBound(i: number, was: boolean, row: Float32Array): void {
    const is = this.#alpha[i]! >= this.#c[i]!;
    if (is !== was) add(this.#atBound, row, is ? this.#c[i]! : -this.#c[i]!);
  }

  /** Leaves out rows at a bound that the gradient presses against it. */
  #shrink(tol: number): void {
    const [alpha, g, c, active] = [this.#alpha, this.#g, this.#c, this.#active];
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < this.#count; a++) {
      const t = active[a]!;
      if (alpha[t]! < c[t]! && -g[t]! >= highest) highest = -g[t]!;
      if (alpha[t]! > 0 && g[t]! >= lowest) lowest = g[t]!;
    }
    if (!this.#unshrunk && highest + lowest <= tol * 10) {
      this.#unshrunk = true;
      this.#reconstruct();
    }
    let kept = 0;
    for (let a = 0; a < this.#count; a++) {
      const t = active[a]!;
      const pressed = alpha[t]! >= c[t]! ? -g[t]! > highest : alpha[t]! <= 0 ? g[t]! > lowest : false;
      if (pressed) continue;
      active[a] = active[kept]!;
      active[kept++] = t;
    }
    this.#count = kept;
  }

  /** The gradient of the rows that were left out; afterwards all take part. */
  #reconstruct(): void {
    const [alpha, g, active] = [this.#alpha, this.#g, this.#active];
    if (this.#count === this.#n) return;
    const outside = active.subarray(this.#count);
    for (const t of outside) g[t] = this.#atBound[t]!;
    for (let i = 0; i < this.#n; i++) {
      if (!(alpha[i]! > 0 && alpha[i]! < this.#c[i]!)) continue;
      const row = this.#k.row(i);
      for (const t of outside) g[t]! += alpha[i]! * row[t]!;
    }
    this.#count = this.#n;
    active.sort();
  }

  /** The mean gradient of rows between their bounds, or the middle of what the others allow. */
  #rho(): number {
    const [alpha, g, c] = [this.#alpha, this.#g, this.#c];
    let [free, sum] = [0, 0];
    let [upper, lower] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < this.#n; i++) {
      if (alpha[i]! >= c[i]!) {
        lower = Math.max(lower, g[i]!);
      } else if (alpha[i]! <= 0) {
        upper = Math.min(upper, g[i]!);
      } else {
        free++;
        sum += g[i]!;
      }
    }
    return free > 0 ? sum / free : (upper + lower) / 2;
  }
}

function add(sum: Float64Array, row: Float32Array, factor: number): void {
  for (let t = 0; t < sum.length; t++) sum[t]! += factor * row[t]!;
}
