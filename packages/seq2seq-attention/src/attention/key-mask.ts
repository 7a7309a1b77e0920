import { ConfigError, type Context, ShapeError } from '@dl/core';
import { Tensor, tensor } from '@dl/core/ops';

/** Which keys of each sequence may be looked at. */
export interface KeyMask {
  /** [batch] how many count, from the first one on: none behind the last that does. */
  limits: Int32Array;
  /** [batch * keys] 0 for keys that do not count; undefined where the limits say it all. */
  mask: Float32Array | undefined;
}

/** Lengths or a mask of the keys, as a context carries them for its input. */
export type KeyMaskSource = Pick<Context, 'lengths' | 'mask'>;

/**
 * Reads lengths or a mask `[batch, keys]`, checked.
 *
 * @throws ShapeError, ConfigError
 */
export function readKeyMask(where: string, batch: number, keys: number, { lengths, mask }: KeyMaskSource): KeyMask {
  if (lengths !== undefined) {
    const counts = lengths instanceof Tensor ? lengths.dataSync() : lengths;
    if (counts.length !== batch) {
      throw new ShapeError(where, `${counts.length} lengths are given for ${batch} sequences`);
    }
    const limits = Int32Array.from(counts);
    for (let b = 0; b < batch; b++) {
      const count = counts[b]!;
      if (!Number.isInteger(count) || count < 0 || count > keys) {
        throw new ConfigError(
          where,
          `a length must be an integer from 0 to ${keys}, that of sequence ${b} is ${count}`,
        );
      }
    }
    return { limits, mask: undefined };
  }
  if (mask === undefined) return { limits: new Int32Array(batch).fill(keys), mask: undefined };
  if (mask.rank !== 2 || mask.shape[0] !== batch || mask.shape[1] !== keys) {
    throw new ShapeError(where, 'the mask must have a number for each key', [
      { label: 'mask', shape: mask.shape },
      { label: 'wanted', shape: [batch, keys], axes: ['batch', 'keys'] },
    ]);
  }
  const flags = mask.dataSync();
  const limits = new Int32Array(batch);
  let holes = false;
  for (let b = 0; b < batch; b++) {
    let last = keys;
    while (last > 0 && flags[b * keys + last - 1] === 0) last--;
    limits[b] = last;
    for (let j = 0; j < last; j++) holes ||= flags[b * keys + j] === 0;
  }
  return { limits, mask: holes ? Float32Array.from(flags) : undefined };
}

/** The same as a tensor of 1 and 0, [batch, 1, keys]; undefined where all keys count. */
export function keyMaskTensor({ limits, mask }: KeyMask, keys: number): Tensor | undefined {
  if (mask === undefined && limits.every((limit) => limit === keys)) return undefined;
  const flags = new Float32Array(limits.length * keys);
  for (const [b, limit] of limits.entries()) {
    for (let j = 0; j < limit; j++) flags[b * keys + j] = mask?.[b * keys + j] === 0 ? 0 : 1;
  }
  return tensor(flags, [limits.length, 1, keys]);
}
