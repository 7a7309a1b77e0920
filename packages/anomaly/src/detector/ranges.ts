import { Key } from '@dl/core';
import { ParameterError } from '../errors';

/** What one option may be. */
export interface Range<T> {
  /** The value where none is given. */
  readonly fallback: T;
  /** In words, to follow "must be": `an int in the range [1, inf)`. */
  readonly range: string;
  accepts(value: unknown): boolean;
}

/** The ranges of all options of a detector. */
export type Ranges<O> = { readonly [K in keyof O]-?: Range<Exclude<O[K], undefined>> };

/** Options with every default filled in. */
export type Complete<O> = { readonly [K in keyof O]-?: Exclude<O[K], undefined> };

/**
 * Fills in the defaults and refuses what is out of range or unknown.
 *
 * @throws ParameterError with parameter, range and value
 */
export function complete<O extends object>(name: string, ranges: Ranges<O>, given: O): Complete<O> {
  const known = Object.keys(ranges);
  for (const option of Object.keys(given)) {
    if (!known.includes(option)) {
      throw new ParameterError(name, option, `one of the parameters {${known.join(', ')}}`, given[option as keyof O]);
    }
  }
  const options: Record<string, unknown> = {};
  for (const option of known as (keyof O & string)[]) {
    const of = ranges[option];
    const value: unknown = given[option];
    if (value === undefined) options[option] = of.fallback;
    else if (of.accepts(value)) options[option] = value;
    else throw new ParameterError(name, option, of.range, value);
  }
  return Object.freeze(options) as Complete<O>;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** A whole number from `min` on. */
export function whole<F extends number>(fallback: F | number, min = 1): Range<number> {
  return {
    fallback,
    range: `an int in the range [${min}, inf)`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= min,
  };
}

/** A number from `min` to `max`; the ends count where their bracket is square, as in `(0, 0.5]`. */
export function between(fallback: number, ends: '[]' | '(]' | '[)' | '()', min: number, max = Infinity): Range<number> {
  const [left, right] = [ends[0]!, max === Infinity ? ')' : ends[1]!];
  return {
    fallback,
    range: `a float in the range ${left}${min}, ${max === Infinity ? 'inf' : max}${right}`,
    accepts: (value) =>
      isNumber(value) && (left === '[' ? value >= min : value > min) && (right === ']' ? value <= max : value < max),
  };
}

/** One of some words. */
export function oneOf<const W extends string>(fallback: W, words: readonly W[]): Range<W> {
  return {
    fallback,
    range: `a str among {${words.map((word) => `'${word}'`).join(', ')}}`,
    accepts: (value) => words.includes(value as W),
  };
}

/** True or false. */
export function flag(fallback: boolean): Range<boolean> {
  return { fallback, range: 'a bool', accepts: (value) => typeof value === 'boolean' };
}

/** A source of randomness. */
export function random(fallback: Key): Range<Key> {
  return { fallback, range: 'a Key: key(0)', accepts: (value) => value instanceof Key };
}

/** One of several kinds of value. */
export function either<A, B>(first: Range<A>, second: Range<B>): Range<A | B> {
  return {
    fallback: first.fallback,
    range: `${first.range} or ${second.range}`,
    accepts: (value) => first.accepts(value) || second.accepts(value),
  };
}

/** A function. */
export function callable<F>(range: string): Range<F> {
  return { fallback: undefined as F, range, accepts: (value) => typeof value === 'function' };
}
