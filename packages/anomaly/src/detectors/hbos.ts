import { column, type Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { between, type Complete, whole } from '../detector/ranges';

/** Options of `HBOS`. */
export interface HBOSOptions extends ShareOptions {
  /**
   * Bins of equal width of each feature's histogram.
   * @default 10
   */
  nBins?: number;
  /**
   * Added to every density, so that an empty bin does not decide alone; 0 < alpha < 1.
   * @default 0.1
   */
  alpha?: number;
  /**
   * How far outside the training range a value still counts for the bin at the edge, in widths of a bin; 0 < tol < 1.
   * @default 0.5
   */
  tol?: number;
}

/** What a fitted `HBOS` keeps. */
export type HBOSState = {
  /** Where bins begin and end, `[features, bins + 1]`. */
  edges: Float64Array;
  /** log2(density + alpha) of each bin, `[features, bins]`. */
  logDensity: Float64Array;
};

/**
 * Histograms, as if features were independent: score = sum over features of log2(density of the bin + alpha). A value
 * outside the training range takes the edge bin's density where it is near, else the least of all. Additive.
 * Goldstein, Dengel (2012); PyOD's `HBOS`.
 */
export const hbos: Definition<HBOSOptions, HBOSState> = {
  name: 'HBOS',
  ranges: { ...shareRanges, nBins: whole(10), alpha: between(0.1, '()', 0, 1), tol: between(0.5, '()', 0, 1) },
  holes: 'scored',
  fit(rows, { nBins, alpha }) {
    const d = rows.columns;
    const edges = new Float64Array(d * (nBins + 1));
    const logDensity = new Float64Array(d * nBins);
    for (let f = 0; f < d; f++) {
      const values = column(rows, f).filter((value) => !Number.isNaN(value));
      const own = edges.subarray(f * (nBins + 1), (f + 1) * (nBins + 1));
      fillEdges(values, own);
      const counts = new Float64Array(nBins);
      for (const value of values) counts[binOf(value, own)]!++;
      const scale = 1 / (Math.max(1, values.length) * (own[1]! - own[0]!));
      for (let b = 0; b < nBins; b++) logDensity[f * nBins + b] = Math.log2(counts[b]! * scale + alpha);
    }
    return { state: { edges, logDensity } };
  },
  score(state, rows, options) {
    const scores = new Float64Array(rows.rows);
    eachDensity(state, rows, options, (row, _, density) => {
      scores[row]! += density;
    });
    return scores;
  },
  explain(state, rows, options) {
    const contributions = new Float64Array(rows.data.length);
    eachDensity(state, rows, options, (row, feature, density) => {
      contributions[row * rows.columns + feature] = -density;
    });
    return contributions;
  },
  layout: { edges: 'float64', logDensity: 'float64' },
  faultOf({ edges, logDensity }, columns, { nBins }) {
    if (edges.length !== columns * (nBins + 1) || logDensity.length !== columns * nBins) {
      return `${edges.length} edges and ${logDensity.length} densities for ${columns} histograms of ${nBins} bins`;
    }
    if (!logDensity.every(Number.isFinite)) return 'a density is not finite';
    for (let f = 0; f < columns; f++) {
      for (let b = 0, at = f * (nBins + 1); b < nBins; b++, at++) {
        if (!(edges[at]! <= edges[at + 1]!)) return `the edges of histogram ${f} are not ascending`;
      }
    }
    return undefined;
  },
};

/** Edges of bins of equal width from the least to the largest value; of width 1 around a constant. numpy's `histogram`. */
function fillEdges(values: Float64Array, edges: Float64Array): void {
  const bins = edges.length - 1;
  let first = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let last = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (values.length === 0) [first, last] = [0, 1];
  if (first === last) [first, last] = [first - 0.5, last + 0.5];
  const step = (last - first) / bins;
  for (let b = 0; b < bins; b++) edges[b] = first + b * step;
  edges[bins] = last;
}

/** The bin of a value within the edges; the last one includes its end. */
function binOf(value: number, edges: Float64Array): number {
  const bins = edges.length - 1;
  let bin = Math.floor((value - edges[0]!) / ((edges[bins]! - edges[0]!) / bins));
  bin = Math.min(bins - 1, Math.max(0, bin));
  // What rounding has put into the bin beside.
  while (bin > 0 && value < edges[bin]!) bin--;
  while (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
  return bin;
}

function eachDensity(
  { edges, logDensity }: HBOSState,
  { data, rows, columns }: Matrix,
  { nBins, tol }: Complete<HBOSOptions>,
  use: (row: number, feature: number, logDensity: number) => void,
): void {
  for (let f = 0; f < columns; f++) {
    const own = edges.subarray(f * (nBins + 1), (f + 1) * (nBins + 1));
    const densities = logDensity.subarray(f * nBins, (f + 1) * nBins);
    const least = densities.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const [first, last] = [own[0]!, own[nBins]!];
    const near = tol * (own[1]! - first);
    for (let i = 0; i < rows; i++) {
      const value = data[i * columns + f]!;
      if (Number.isNaN(value)) continue;
      let density: number;
      if (value < first) density = first - value <= near ? densities[0]! : least;
      else if (value > last) density = value - last <= near ? densities[nBins - 1]! : least;
      else density = densities[binOf(value, own)]!;
      use(i, f, density);
    }
  }
}
