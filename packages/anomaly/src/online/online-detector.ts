import { NumericsError } from '@dl/core';
import type { State, Stored } from '../detector/definition';
import { type Complete, complete, type Ranges } from '../detector/ranges';

/** What an online detector says of a value. */
export interface Verdict {
  /** Bigger for more normal; NaN while the detector is still learning. */
  readonly score: number;
  /** -1 for an outlier, else 1. */
  readonly label: 1 | -1;
}

/**
 * Values come one by one, each is judged by those before it. What the detector knows goes to a file and back at any time
 * (`encode`, `save`), and what comes then is judged as if there had been no pause.
 *
 * @typeParam O options, as the user gives them
 * @typeParam X what comes: a number, or a row of them
 */
export abstract class OnlineDetector<O extends object = object, X = number> {
  readonly name: string;
  /** The options, defaults filled in: `new Class(detector.options)` makes its like. */
  readonly options: Complete<O>;
  /** @internal */
  readonly ranges: Ranges<O>;
  /** @internal The type of each entry of the state: what a file must hold. */
  abstract readonly layout: Readonly<Record<string, Stored>>;

  /** @internal */
  constructor(name: string, ranges: Ranges<O>, options: O) {
    this.name = name;
    this.ranges = ranges;
    this.options = complete(name, ranges, options);
  }

  /**
   * Judges a value, then learns from it.
   *
   * @throws NumericsError for NaN and Infinity; nothing is learnt then
   */
  abstract update(value: X): Verdict;

  /** @internal Everything that it knows, copied. */
  abstract get state(): State;

  /** @internal Goes on from a state that `layout` fits. @returns what is wrong with it, if anything */
  abstract resume(state: State): string | undefined;
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

/** Whether a number of a file counts something, up to a limit. */
export function isCount(value: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
