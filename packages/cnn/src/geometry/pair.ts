import { ConfigError } from '@dl/core';

/** One number for height and width alike, or one for each. */
export type Pair = number | readonly [height: number, width: number];

/** Both numbers of a pair, checked: integers of at least `least`. */
export function pairOf(where: string, option: string, value: Pair, least: number): [number, number] {
  const pair: readonly unknown[] = typeof value === 'number' ? [value, value] : Array.isArray(value) ? value : [];
  if (pair.length !== 2 || pair.some((n) => !Number.isSafeInteger(n) || (n as number) < least)) {
    const kind = least === 0 ? 'an integer of at least 0' : 'a positive integer';
    throw new ConfigError(where, `${option} must be ${kind}, or two: [height, width]; it is ${JSON.stringify(value)}`);
  }
  return [pair[0] as number, pair[1] as number];
}
