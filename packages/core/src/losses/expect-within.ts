import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';

/** Expects every element from `low` to `high`; NaN passes, for the training loop to report with its cause. */
export function expectWithin(
  where: string,
  label: string,
  tensor: Tensor,
  low: number,
  high: number,
  hint: string,
): void {
  const values = tensor.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low || values[i]! > high) {
      throw new ConfigError(where, `${label} ${i} is ${values[i]}, it must be from ${low} to ${high}`, hint);
    }
  }
}
