import { ConfigError } from '@dl/core';

/** What fills empty places must be a number. */
export function checkFill(where: string, fill: number): void {
  if (!Number.isFinite(fill)) throw new ConfigError(where, `fill must be a finite number, it is ${String(fill)}`);
}

/** A share must lie from 0 to 1. */
export function checkProbability(where: string, probability: number): void {
  if (probability >= 0 && probability <= 1) return;
  throw new ConfigError(where, `probability must be a number from 0 to 1, it is ${String(probability)}`);
}
