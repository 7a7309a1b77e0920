// The softmax of a row of scores of which some are -Infinity, in place. Rows have room for a multiple of eight floats:
// what lies behind the n scores is filled, so that no loop has a rest.
import { constants } from '@dl/core/kernels/constants';
import { sumLanes } from '@dl/core/kernels/simd';
import { ln, rowMax } from '@dl/core/kernels/softmax';
import { exp4 } from '@dl/core/kernels/vector-math';

/** The sum of exponentials of the last `softmaxRow`. */
export let rowSum: f32 = 0;

/** Floats of a row with its room. */
// @ts-ignore: decorator
@inline
export function roomOf(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Fills floats from `from` up to `to`. */
// @ts-ignore: decorator
@inline
export function fillRow(x: usize, from: i32, to: i32, value: f32): void {
  for (let i = from; i < to; i++) store<f32>(x + (<usize>i << 2), value);
}

/**
 * s = e^(s - max), not yet divided by their sum, which is left in `rowSum`. Returns ln of the sum of e^s. A row that is all
 * -Infinity, so that nothing may be looked at, becomes zeros with the sum 1, and returns Infinity.
 */
export function softmaxRow(s: usize, n: i32): f32 {
  const room = roomOf(n);
  const largest = rowMax(s, n);
  if (largest == -Infinity && !hasNaN(s, n)) {
    fillRow(s, 0, room, 0);
    rowSum = 1;
    return Infinity;
  }
  fillRow(s, n, room, -Infinity);
  const c = constants;
  const shift = f32x4.splat(largest);
  let sum = f32x4.splat(0);
  for (let i = 0; i < room; i += 4) {
    const at = s + (<usize>i << 2);
    const e = exp4(f32x4.sub(v128.load(at), shift), c);
    sum = f32x4.add(sum, e);
    v128.store(at, e);
  }
  rowSum = sumLanes(sum);
  return largest + ln(rowSum, c);
}

/** s = e^(s - logSum) for n scores, zeros behind them. */
export function softmaxAgain(s: usize, n: i32, logSum: f32): void {
  const room = roomOf(n);
  fillRow(s, n, room, -Infinity);
  const c = constants;
  const shift = f32x4.splat(logSum);
  for (let i = 0; i < room; i += 4) {
    const at = s + (<usize>i << 2);
    v128.store(at, exp4(f32x4.sub(v128.load(at), shift), c));
  }
}

function hasNaN(s: usize, n: i32): bool {
  for (let i = 0; i < n; i++) {
    const value = load<f32>(s + (<usize>i << 2));
    if (value != value) return true;
  }
  return false;
}
