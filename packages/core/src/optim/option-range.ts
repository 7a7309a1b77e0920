import { ConfigError } from '../errors';

/** Refuses numbers outside of [low, high], and NaN, naming the option. */
export function requireRange(
  where: string,
  values: Readonly<Record<string, number>>,
  low: number,
  high = Number.MAX_VALUE,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number' || !(value >= low && value <= high)) {
      const wanted = high === Number.MAX_VALUE ? `a number of at least ${low}` : `a number from ${low} to ${high}`;
      throw new ConfigError(where, `${name} is ${String(value)}`, `give ${wanted}`);
    }
  }
}

/** Refuses decay rates outside of [0, 1). */
export function requireDecay(where: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number' || !(value >= 0 && value < 1)) {
      throw new ConfigError(where, `${name} is ${String(value)}`, 'give a number from 0 to below 1');
    }
  }
}

/** Refuses anything but the whole numbers from 1. */
export function requireCount(where: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError(where, `${name} is ${String(value)}`, 'give a whole number of at least 1');
    }
  }
}
