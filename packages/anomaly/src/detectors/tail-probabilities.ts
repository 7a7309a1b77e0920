import { column, type Matrix } from '../data/matrix';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import type { Definition } from '../detector/definition';
import { withKernels } from '../memory/kernels';

/** What a detector by empirical tails keeps. */
export type TailState = {
  /** The training values of each feature, ascending; NaN, which stands for missing, at the end. `[features, rows]` */
  sorted: Float64Array;
  /** How many training values each feature has. `[features]` */
  present: Int32Array;
  /** The sign of each feature's skewness: -1 with a long left tail, 1 with a long right one, 0 for neither. `[features]` */
  skew: Int32Array;
};

/** How the two tails of a feature, as -ln of their probabilities, become its share of the abnormality. */
export type Combine = (left: number, right: number, skew: number) => number;

/** -ln p of the tail that the skewness points to; of both where there is none. */
export function skewed(left: number, right: number, skew: number): number {
  return skew < 0 ? left : skew > 0 ? right : left + right;
}

/**
 * A detector that adds up, over the features, how far out in the tails of the training values a row lies:
 * score = -sum over features of combine(-ln P(X <= x), -ln P(X >= x), sign of the skewness), with the probabilities by
 * the training rows alone, and at least 1 / (rows + 1).
 */
export function tailDetector(name: string, combine: Combine): Definition<ShareOptions, TailState> {
  return {
    name,
    ranges: shareRanges,
    holes: 'scored',
    fit: (rows) => ({ state: fitTails(rows) }),
    score(state, rows) {
      const scores = new Float64Array(rows.rows);
      eachShare(state, rows, combine, (row, _, share) => {
        scores[row]! -= share;
      });
      return scores;
    },
    explain(state, rows) {
      const contributions = new Float64Array(rows.data.length);
      eachShare(state, rows, combine, (row, feature, share) => {
        contributions[row * rows.columns + feature] = share;
      });
      return contributions;
    },
    layout: { sorted: 'float64', present: 'int32', skew: 'int32' },
    faultOf: faultOfTails,
  };
}

function fitTails(rows: Matrix): TailState {
  const { rows: n, columns: d } = rows;
  const sorted = new Float64Array(n * d);
  const [present, skew] = [new Int32Array(d), new Int32Array(d)];
  for (let f = 0; f < d; f++) {
    const values = column(rows, f).sort(); // NaN last
    let count = n;
    while (count > 0 && Number.isNaN(values[count - 1]!)) count--;
    sorted.set(values, f * n);
    present[f] = count;
    skew[f] = signOfSkewness(values.subarray(0, count));
  }
  return { sorted, present, skew };
}

/** The sign of the third central moment; 0 for what rounding alone makes of equal values. scipy's `skew`. */
function signOfSkewness(values: Float64Array): number {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value;
  mean /= n;
  let [second, third] = [0, 0];
  for (const value of values) {
    const difference = value - mean;
    second += difference * difference;
    third += difference * difference * difference;
  }
  if (!(second / n > (Number.EPSILON * mean) ** 2)) return 0;
  return Math.sign(third);
}

/** Calls back with what each feature of each row adds; missing values add nothing. */
function eachShare(
  { sorted, present, skew }: TailState,
  rows: Matrix,
  combine: Combine,
  use: (row: number, feature: number, share: number) => void,
): void {
  const { rows: m, columns: d, data } = rows;
  const n = sorted.length / d;
  const [below, upTo] = countRanks(sorted, n, rows);
  const whole = present.every((count) => count === n);
  const table = m * 4 > n && whole ? negativeLogs(n) : undefined;
  for (let i = 0, at = 0; i < m; i++) {
    for (let f = 0; f < d; f++, at++) {
      if (Number.isNaN(data[at]!)) continue;
      const count = present[f]!;
      if (count === 0) continue;
      const [left, right] = [Math.min(upTo[at]!, count), count - Math.min(below[at]!, count)];
      const l = table === undefined ? negativeLog(left, count) : table[left]!;
      const r = table === undefined ? negativeLog(right, count) : table[right]!;
      use(i, f, combine(l, r, skew[f]!));
    }
  }
}

/** -ln(count / n), where a count of 0 is taken for n / (n + 1). */
function negativeLog(count: number, n: number): number {
  return -Math.log(Math.max(count, n / (n + 1)) / n);
}

function negativeLogs(n: number): Float64Array {
  const table = new Float64Array(n + 1);
  for (let count = 0; count <= n; count++) table[count] = negativeLog(count, n);
  return table;
}

/** Few rows are looked up here: to give the kernel the training values would cost more. */
const FEW_ROWS = 64;

function countRanks(sorted: Float64Array, n: number, { data, rows: m, columns: d }: Matrix): [Int32Array, Int32Array] {
  if (m < FEW_ROWS) {
    const [below, upTo] = [new Int32Array(m * d), new Int32Array(m * d)];
    for (let at = 0; at < m * d; at++) {
      const start = (at % d) * n;
      below[at] = search(sorted, start, n, (value) => value < data[at]!);
      upTo[at] = search(sorted, start, n, (value) => value <= data[at]!);
    }
    return [below, upTo];
  }
  return withKernels((kernels, lease) => {
    const [below, upTo] = [lease.bytes(4 * m * d), lease.bytes(4 * m * d)];
    kernels.ranks(m, d, lease.put(data), n, lease.put(sorted), below, upTo);
    return [lease.int32(below, m * d), lease.int32(upTo, m * d)];
  });
}

/** How many of the n values from `start` on, which come first, are so. */
function search(values: Float64Array, start: number, n: number, is: (value: number) => boolean): number {
  let [from, to] = [0, n];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (is(values[start + middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function faultOfTails({ sorted, present, skew }: TailState, columns: number): string | undefined {
  if (present.length !== columns || skew.length !== columns)
    return `not one count and skewness for each of ${columns} features`;
  const n = sorted.length / columns;
  if (!Number.isInteger(n) || n < 1) return `${sorted.length} training values for ${columns} features`;
  for (let f = 0; f < columns; f++) {
    const count = present[f]!;
    if (!(count >= 0 && count <= n)) return `feature ${f} has ${count} of ${n} training values`;
    for (let i = 1; i < count; i++) {
      if (!(sorted[f * n + i - 1]! <= sorted[f * n + i]!))
        return `the training values of feature ${f} are not ascending`;
    }
  }
  return skew.every((sign) => sign >= -1 && sign <= 1) ? undefined : 'a sign of skewness is none of -1, 0 and 1';
}
