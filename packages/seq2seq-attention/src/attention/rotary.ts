import { ConfigError } from '@dl/core';
import { add, concat, mul, neg, reshape, slice, type Tensor, tensor } from '@dl/core/ops';

/** How `rotary` turns. */
export interface RotaryOptions {
  /** Heads that lie side by side in the last axis, each of an even width. @default 1 */
  heads?: number;
  /** The place of the first step in its sequence. @default 0 */
  offset?: number;
  /** The slowest pair turns once in about 2 pi base steps. @default 10000 */
  base?: number;
}

/**
 * Rotary positions: each pair of features is turned by an angle that grows with the place in the sequence, so that products of
 * queries and keys depend on their distance. Su et al. 2021.
 *
 * ```
 * angle = place * base^(-2 i / width)     [a, b] -> [a cos - b sin, b cos + a sin]
 * ```
 *
 * Feature i is paired with feature i + width / 2, as in GPT-NeoX and Llama.
 *
 * @param x `[batch, time, heads * width]`
 * @throws ConfigError where the width of a head is odd
 */
export function rotary(x: Tensor, { heads = 1, offset = 0, base = 10000 }: RotaryOptions = {}): Tensor {
  const [batch, time, features] = x.shape as [number, number, number];
  const half = features / heads / 2;
  if (!Number.isInteger(half)) {
    throw new ConfigError('rotary', `${features} features in ${heads} heads do not make pairs`, 'take an even width');
  }
  const [cosines, sines] = [new Float32Array(time * half), new Float32Array(time * half)];
  for (let t = 0; t < time; t++) {
    for (let i = 0; i < half; i++) {
      const angle = (t + offset) * base ** (-i / half);
      cosines[t * half + i] = Math.cos(angle);
      sines[t * half + i] = Math.sin(angle);
    }
  }
  const [cos, sin] = [tensor(cosines, [1, time, 1, half]), tensor(sines, [1, time, 1, half])];
  const split = reshape(x, [batch, time, heads, 2 * half]);
  const a = slice(split, [0, 0, 0, 0], [batch, time, heads, half]);
  const b = slice(split, [0, 0, 0, half], [batch, time, heads, half]);
  const turned = concat([add(mul(a, cos), neg(mul(b, sin))), add(mul(b, cos), mul(a, sin))], 3);
  return reshape(turned, [batch, time, features]);
}
