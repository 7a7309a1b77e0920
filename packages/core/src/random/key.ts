import { ConfigError, FormatError } from '../errors';
import { normalProbability, normalQuantile } from './normal-quantile';
import { threefry2x32, threefryBits } from './threefry';

/** How many numbers: a count, or a shape whose sizes are multiplied. */
export type Count = number | readonly number[];

type Tuple<N extends number, T extends Key[] = []> = T['length'] extends N ? T : Tuple<N, [...T, Key]>;

// The second word of the counter says what a block is for, so that a key may be split, folded and drawn from without
// any of these seeing the numbers of another. Draws have 0.
const SPLIT = 1;
const FOLD = 2;
const NAME = 3;
const NAME_END = 4;
const MORE = 5;

/**
 * A source of randomness as a value: 64 bits that name a stream of numbers. It never changes; the same method of the
 * same key gives the same numbers on every engine and backend, in any order of calls.
 *
 * Therefore: **use a key for one thing**, and `split()` it, `fold()` in a number or take a `child()` by name for each
 * further one. Counter-based as in JAX: Threefry-2x32 with 20 rounds (Salmon et al., SC 2011).
 *
 * All draws use integers, + - * / and square roots alone, which engines round alike.
 *
 * @example
 * ```ts
 * import { key } from '@dl/core';
 *
 * const [weights, order] = key(0).split();
 * weights.normal([784, 128], { std: 0.05 }); // Float32Array of 100352
 * order.fold(3).permutation(60_000); // the order of epoch 3
 * ```
 */
export class Key {
  /** The two 32-bit words that kernels draw from. */
  readonly words: readonly [word0: number, word1: number];

  /** @internal Use `key(seed)`. */
  constructor(word0: number, word1: number) {
    this.words = Object.freeze([word0 >>> 0, word1 >>> 0] as const);
  }

  /** Two new keys, independent of each other and of this one. */
  split(): [Key, Key];
  /** `n` new keys, independent of each other and of this one. */
  split<N extends 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8>(n: N): Tuple<N>;
  /** `n` new keys, independent of each other and of this one. */
  split(n: number): Key[];
  split(n = 2): Key[] {
    return Array.from({ length: whole('Key.split', n) }, (_, i) => this.#derive(SPLIT, i));
  }

  /** The key for a number: an epoch, a step, a layer. JAX's `fold_in`; 0 <= data < 2^32. */
  fold(data: number): Key {
    return this.#derive(FOLD, whole('Key.fold', data, 2 ** 32 - 1));
  }

  /** The key for a name: `key.child('dropout')`. */
  child(name: string): Key {
    const codes = Array.from({ length: name.length }, (_, i) => name.charCodeAt(i));
    return codes.reduce<Key>((at, code) => at.#derive(NAME, code), this).#derive(NAME_END, name.length);
  }

  /** Random 32-bit words. Fewer are the start of more. */
  bits(count: Count): Uint32Array {
    return threefryBits(this.words, total(count));
  }

  /**
   * Uniform float32 numbers, `min` included, `max` not; multiples of 2^-24 of the range.
   *
   * @param count how many, or a shape
   * @param options `min` 0 and `max` 1 by default
   */
  uniform(count: Count, { min = 0, max = 1 }: { min?: number; max?: number } = {}): Float32Array {
    if (!(min < max) || !Number.isFinite(max - min)) {
      throw new ConfigError('Key.uniform', `the range from ${min} to ${max} is empty or not finite`);
    }
    const below = Math.fround(max);
    return draw(this.bits(count), (word) => {
      const value = Math.fround(min + (word >>> 8) * 2 ** -24 * (max - min));
      return value < below ? value : min; // rounding to float32 may reach the excluded end
    });
  }

  /**
   * Normal float32 numbers: the quantile function (Wichura, AS 241) of uniform ones, one word each; |z| < 6.4.
   *
   * @param count how many, or a shape
   * @param options `mean` 0 and `std` 1 by default
   */
  normal(count: Count, { mean = 0, std = 1 }: { mean?: number; std?: number } = {}): Float32Array {
    return draw(this.bits(count), (word) => mean + std * normalQuantile(probability(word)));
  }

  /**
   * Normal numbers of which only those between `min` and `max` count. PyTorch's `trunc_normal_`, save that the bounds are
   * in standard deviations from the mean, as in JAX.
   *
   * @param count how many, or a shape
   * @param options by default `mean` 0, `std` 1, `min` -2, `max` 2
   */
  truncatedNormal(
    count: Count,
    { mean = 0, std = 1, min = -2, max = 2 }: { mean?: number; std?: number; min?: number; max?: number } = {},
  ): Float32Array {
    const low = normalProbability(min);
    const high = normalProbability(max);
    if (!(low < high)) {
      throw new ConfigError('Key.truncatedNormal', `no normal number lies between ${min} and ${max} deviations`);
    }
    return draw(this.bits(count), (word) => {
      const z = normalQuantile(low + probability(word) * (high - low));
      return mean + std * Math.min(max, Math.max(min, z));
    });
  }

  /** The numbers from 0 to n - 1 in random order; every order is equally likely (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(whole('Key.permutation', n, 2 ** 32));
    for (let i = 0; i < n; i++) order[i] = i;
    const next = this.#words(n);
    for (let i = n - 1; i > 0; i--) {
      const j = below(i + 1, next);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }

  /** Whole numbers from `low` to `high - 1`, each equally likely; within int32. */
  integers(count: Count, low: number, high: number): Int32Array {
    if (!isInt32(low) || !isInt32(high - 1) || low >= high) {
      throw new ConfigError('Key.integers', `no int32 lies from ${low} to below ${high}`);
    }
    const n = total(count);
    const next = this.#words(n);
    return Int32Array.from({ length: n }, () => low + below(high - low, next));
  }

  /**
   * Draws places of `weights`, each as likely as its share of their sum; with replacement.
   *
   * @param weights not negative, not all zero; they need not add up to 1
   * @param count how many draws
   */
  categorical(weights: ArrayLike<number>, count: Count): Int32Array {
    const cumulative = new Float64Array(weights.length);
    let sum = 0;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      if (!(weight >= 0)) throw new ConfigError('Key.categorical', `weight ${i} is ${weight}: it must not be negative`);
      if (weight > 0) last = i;
      sum += weight;
      cumulative[i] = sum;
    }
    if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
      throw new ConfigError('Key.categorical', `the weights add up to ${sum}`, 'at least one must be above zero');
    }
    const n = total(count);
    const words = this.bits(2 * n);
    return Int32Array.from({ length: n }, (_, i) => {
      // 53 random bits, so that small weights get their share
      const u = ((words[2 * i]! >>> 5) * 2 ** 26 + (words[2 * i + 1]! >>> 6)) * 2 ** -53 * sum;
      let [from, to] = [0, last];
      while (from < to) {
        const middle = (from + to) >>> 1;
        if (cumulative[middle]! > u) to = middle;
        else from = middle + 1;
      }
      return from;
    });
  }

  /** One of the items, each equally likely. */
  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new ConfigError('Key.choice', 'there is nothing to choose from');
    return items[below(items.length, this.#words(1))]!;
  }

  /** The two words: what a checkpoint keeps of a key. `keyFromJSON` reads it. */
  toJSON(): [word0: number, word1: number] {
    return [...this.words];
  }

  #derive(purpose: number, counter: number): Key {
    return new Key(...threefry2x32(this.words[0], this.words[1], counter, purpose));
  }

  /** Words one after the other without an end; about `expected` of them are made at once. */
  #words(expected: number): () => number {
    let block = this.bits(expected);
    let at = 0;
    let blocks = 0;
    return () => {
      if (at === block.length) {
        block = this.#derive(MORE, blocks++).bits(1024);
        at = 0;
      }
      return block[at++]!;
    };
  }
}

/**
 * The key of a seed.
 *
 * @param seed a whole number from 0 to 2^53 - 1
 * @throws ConfigError for anything else
 */
export function key(seed: number): Key {
  whole('key', seed);
  return new Key(Math.floor(seed / 2 ** 32), seed % 2 ** 32);
}

/**
 * Reads what `Key.toJSON` wrote.
 *
 * @throws FormatError where that is not two 32-bit words
 */
export function keyFromJSON(json: unknown): Key {
  const isWord = (word: unknown): word is number => Number.isInteger(word) && word === (word as number) >>> 0;
  if (!Array.isArray(json) || json.length !== 2 || !json.every(isWord)) {
    throw new FormatError('a key is saved as two whole numbers from 0 to 2^32 - 1, which this is not');
  }
  return new Key(json[0]!, json[1]!);
}

/** A number for each word; a loop, since `Float32Array.from` goes through an iterator. */
function draw(words: Uint32Array, f: (word: number) => number): Float32Array {
  const numbers = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) numbers[i] = f(words[i]!);
  return numbers;
}

/** A whole number below `n`, without bias: words past the last multiple of n are passed over. */
function below(n: number, next: () => number): number {
  const limit = 2 ** 32 - (2 ** 32 % n);
  let word = next();
  while (word >= limit) word = next();
  return word % n;
}

/** The middle of one of 2^32 equal parts of 0..1. */
function probability(word: number): number {
  return (word + 0.5) * 2 ** -32;
}

function total(count: Count): number {
  return whole('Key', typeof count === 'number' ? count : count.reduce((size, n) => size * n, 1));
}

function whole(where: string, n: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(n) || n < 0 || n > most) {
    throw new ConfigError(where, `${n} is not a whole number from 0 to ${most}`);
  }
  return n;
}

function isInt32(n: number): boolean {
  return n === (n | 0);
}
