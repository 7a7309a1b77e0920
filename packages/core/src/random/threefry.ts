/**
 * Threefry-2x32 with 20 rounds, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011) and of JAX: a keyed bijection of 64 bits. Draw number i is a function of the key and of i alone, so
 * it is the same on every backend, in any order, and need not be stored to be had again. The SIMD twin is
 * `kernels/threefry.ts`.
 */

/** Two 32-bit words that name a stream of random numbers. */
export type ThreefryKey = readonly [word0: number, word1: number];

/** Constant of Threefish that keeps a key of zeros from having a key schedule of zeros. */
const PARITY = 0x1bd11bda;

/**
 * The two random words of one counter.
 *
 * @param key0 first word of the key, 32 bits
 * @param key1 second word of the key
 * @param counter0 first word of the counter
 * @param counter1 second word of the counter
 * @returns two integers from 0 to 2^32 - 1
 *
 * @example
 * ```ts
 * threefry2x32(0, 0, 0, 0); // [0x6b200159, 0x99ba4efe]
 * ```
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [word0: number, word1: number] {
  const words = new Uint32Array(2);
  encrypt(words, 0, key0, key1, counter0, counter1);
  return [words[0]!, words[1]!];
}

/**
 * The first `count` random words of a stream: counter (i, 0) gives words 2i and 2i + 1.
 *
 * @param key the stream
 * @param count how many words
 */
export function threefryBits(key: ThreefryKey, count: number): Uint32Array {
  const words = new Uint32Array(count + (count & 1));
  for (let i = 0; i < words.length; i += 2) encrypt(words, i, key[0], key[1], i >>> 1, 0);
  return words.subarray(0, count);
}

function encrypt(out: Uint32Array, at: number, key0: number, key1: number, counter0: number, counter1: number): void {
  const key2 = key0 ^ key1 ^ PARITY;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  // Four rounds with one set of rotations, a key injection, four rounds with the other set, and so on: 20 rounds.
  for (let injection = 1; injection <= 5; injection++) {
    if (injection % 2 === 1) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    } else {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    }
    const left = injection % 3 === 0 ? key0 : injection % 3 === 1 ? key1 : key2;
    const right = injection % 3 === 0 ? key1 : injection % 3 === 1 ? key2 : key0;
    x0 = (x0 + left) | 0;
    x1 = (x1 + right + injection) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
}
