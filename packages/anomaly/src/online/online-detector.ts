import { NumericsError } from '@dl/core';

/** What an online detector says of a value. */
export interface Verdict {
  /** Bigger for more normal; NaN while the detector is still learning. */
  readonly score: number;
  /** -1 for an outlier, else 1. */
  readonly label: 1 | -1;
}

/** Values come one by one, each is judged by those before it. */
export interface OnlineDetector {
  /**
   * Judges a value, then learns from it.
   *
   * @throws NumericsError for NaN and Infinity; nothing is learnt then
   */
  update(value: number): Verdict;
}

/** While the first values are gathered nothing is judged. */
export const LEARNING: Verdict = { score: Number.NaN, label: 1 };

/** Refuses a value that is none. */
export function requireValue(name: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new NumericsError(`${name}: the value is ${value}. Leave it out, or put the last one in its place`);
}

/** A verdict by a statistic that grows with abnormality, and its limit. */
export function verdict(statistic: number, limit: number): Verdict {
  return { score: -statistic, label: statistic > limit ? -1 : 1 };
}
