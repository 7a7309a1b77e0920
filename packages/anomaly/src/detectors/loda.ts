import { type Key, key } from '@dl/core';
import type { Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import { requireCompleteRows } from '../detector/complete-rows';
import type { Definition } from '../detector/definition';
import { random, whole } from '../detector/ranges';
import { withKernels } from '../memory/kernels';

/** Options of `LODA`. */
export interface LODAOptions extends ShareOptions {
  /**
   * Bins of each histogram.
   * @default 10
   */
  nBins?: number;
  /**
   * Random projections.
   * @default 100
   */
  nRandomCuts?: number;
  /**
   * What the projections are drawn with.
   * @default key(0)
   */
  key?: Key;
}

/** What a fitted `LODA` keeps. */
export type LODAState = {
  /** Directions, each with about sqrt(features) that are not zero. `[cuts, features]` */
  projections: Float64Array;
  /** Where each histogram begins, `[cuts]`. */
  starts: Float64Array;
  /** Width of its bins, `[cuts]`. */
  widths: Float64Array;
  /** ln density of each bin, and last that of all values beyond them. `[cuts, bins + 1]` */
  logDensity: Float64Array;
};

/**
 * Histograms of random projections: score = mean over projections of ln density. A bin with c of n rows has the density
 * (c + 1/2) / (n + bins / 2) / width, and what lies outside all bins that of an empty one. Where features are missing, the mean
 * is over the projections that do without them.
 * Pevny: Loda, lightweight on-line detector of anomalies (2016).
 */
export const loda: Definition<LODAOptions, LODAState> = {
  name: 'LODA',
  ranges: { ...shareRanges, nBins: whole(10), nRandomCuts: whole(100), key: random(key(0)) },
  fit(rows, { nBins, nRandomCuts, key: from }) {
    const projections = drawProjections(nRandomCuts, rows.columns, from);
    const complete = requireCompleteRows(rows, 'LODA');
    const n = complete.rows;
    const projected = project(complete, projections);
    const [starts, widths] = [new Float64Array(nRandomCuts), new Float64Array(nRandomCuts)];
    const logDensity = new Float64Array(nRandomCuts * (nBins + 1));
    for (let c = 0; c < nRandomCuts; c++) {
      let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let i = 0; i < n; i++) {
        first = Math.min(first, projected[i * nRandomCuts + c]!);
        last = Math.max(last, projected[i * nRandomCuts + c]!);
      }
      if (!(last > first)) [first, last] = [first - 0.5, last + 0.5];
      const width = (last - first) / nBins;
      const counts = new Float64Array(nBins + 1);
      for (let i = 0; i < n; i++) counts[binOf(projected[i * nRandomCuts + c]!, first, width, nBins)]!++;
      for (let b = 0; b <= nBins; b++) {
        logDensity[c * (nBins + 1) + b] = Math.log((counts[b]! + 0.5) / (n + nBins / 2) / width);
      }
      starts[c] = first;
      widths[c] = width;
    }
    return { state: { projections, starts, widths, logDensity } };
  },
  score({ projections, starts, widths, logDensity }, rows, { nBins }) {
    const cuts = starts.length;
    const projected = project(withoutHoles(rows), projections);
    const scores = new Float64Array(rows.rows);
    for (let i = 0, at = 0; i < rows.rows; i++) {
      const holes = holesOf(rows, i);
      let [sum, seen] = [0, 0];
      for (let c = 0; c < cuts; c++, at++) {
        if (holes.some((f) => projections[c * rows.columns + f] !== 0)) continue;
        sum += logDensity[c * (nBins + 1) + binOf(projected[at]!, starts[c]!, widths[c]!, nBins)]!;
        seen++;
      }
      scores[i] = sum / seen; // NaN where every projection needs what is missing
    }
    return scores;
  },
  holes: 'scored',
  layout: { projections: 'float64', starts: 'float64', widths: 'float64', logDensity: 'float64' },
  faultOf({ projections, starts, widths, logDensity }, columns, { nBins, nRandomCuts }) {
    if (
      starts.length !== nRandomCuts ||
      widths.length !== nRandomCuts ||
      projections.length !== nRandomCuts * columns
    ) {
      return `not ${nRandomCuts} projections of ${columns} features`;
    }
    if (!widths.every((width) => width > 0)) return 'a histogram has bins without width';
    return logDensity.length === nRandomCuts * (nBins + 1)
      ? undefined
      : `${logDensity.length} densities of ${nRandomCuts} histograms`;
  },
};

/** The features that row i lacks. */
function holesOf({ data, columns }: Matrix, i: number): number[] {
  const holes: number[] = [];
  for (let f = 0; f < columns; f++) if (Number.isNaN(data[i * columns + f])) holes.push(f);
  return holes;
}

function withoutHoles(rows: Matrix): Matrix {
  if (!rows.data.some(Number.isNaN)) return rows;
  return { ...rows, data: rows.data.map((value) => (Number.isNaN(value) ? 0 : value)) };
}

/** Normal weights on sqrt(features) features each, 0 on the others. */
function drawProjections(cuts: number, d: number, from: Key): Float64Array {
  const projections = new Float64Array(cuts * d);
  const used = Math.max(1, Math.round(Math.sqrt(d)));
  for (let c = 0; c < cuts; c++) {
    const [which, weights] = from.fold(c).split();
    const values = weights.normal(used);
    for (const [i, f] of which.permutation(d).subarray(0, used).entries()) projections[c * d + f] = values[i]!;
  }
  return projections;
}

/** `[rows, cuts]` */
function project({ data, rows: m, columns: d }: Matrix, projections: Float64Array): Float64Array {
  const cuts = projections.length / d;
  return withKernels((kernels, lease) => {
    const packed = lease.bytes(kernels.panelBytes(cuts, d));
    kernels.packRows(cuts, d, lease.put(projections), packed);
    const out = lease.bytes(8 * m * cuts);
    kernels.products(m, cuts, d, lease.put(data), packed, out, lease.bytes(128));
    return lease.float64(out, m * cuts);
  });
}

/** The last one, `nBins`, is outside; the upper end belongs to the bin below it. */
function binOf(value: number, start: number, width: number, nBins: number): number {
  const at = (value - start) / width;
  if (!(at >= 0 && at <= nBins * (1 + 1e-12))) return nBins;
  return Math.min(nBins - 1, Math.floor(at));
}
