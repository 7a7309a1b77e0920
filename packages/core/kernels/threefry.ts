// Threefry-2x32 with 20 rounds, four counters at a time: the twin of `src/random/threefry.ts`, equal to it bit by bit.

/** Words 2i, 2i + 1 of the first two counters of the last `threefry4`, interleaved as they are numbered. */
export let bitsLow: v128 = i32x4.splat(0);
/** The same of the other two counters. */
export let bitsHigh: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

/** The eight words of the counters (counter, 0) to (counter + 3, 0): left in `bitsLow` and `bitsHigh`. */
// @ts-ignore: decorator
@inline
export function threefry4(key0: i32, key1: i32, counter: i32): void {
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  let x0 = i32x4.add(i32x4.splat(counter + key0), i32x4(0, 1, 2, 3));
  let x1 = i32x4.splat(key1);
  // rounds 1 to 4, then key injection 1
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 13), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 15), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 26), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 6), x0);
  x0 = i32x4.add(x0, i32x4.splat(key1));
  x1 = i32x4.add(x1, i32x4.splat(key2 + 1));
  // rounds 5 to 8, then key injection 2
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 17), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 29), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 16), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 24), x0);
  x0 = i32x4.add(x0, i32x4.splat(key2));
  x1 = i32x4.add(x1, i32x4.splat(key0 + 2));
  // rounds 9 to 12, then key injection 3
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 13), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 15), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 26), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 6), x0);
  x0 = i32x4.add(x0, i32x4.splat(key0));
  x1 = i32x4.add(x1, i32x4.splat(key1 + 3));
  // rounds 13 to 16, then key injection 4
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 17), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 29), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 16), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 24), x0);
  x0 = i32x4.add(x0, i32x4.splat(key1));
  x1 = i32x4.add(x1, i32x4.splat(key2 + 4));
  // rounds 17 to 20, then key injection 5
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 13), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 15), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 26), x0);
  x0 = i32x4.add(x0, x1);
  x1 = v128.xor(rotate(x1, 6), x0);
  x0 = i32x4.add(x0, i32x4.splat(key2));
  x1 = i32x4.add(x1, i32x4.splat(key0 + 5));
  bitsLow = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
  bitsHigh = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
}

/** The first `count` random words of the stream of a key: counter (i, 0) gives words 2i and 2i + 1. */
export function threefryBits(key0: i32, key1: i32, out: usize, count: i32): void {
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    threefry4(key0, key1, i >>> 1);
    v128.store(out, bitsLow);
    v128.store(out, bitsHigh, 16);
    out += 32;
  }
  if (i == count) return;
  threefry4(key0, key1, i >>> 1);
  let rest = bitsLow;
  if (count - i >= 4) {
    v128.store(out, rest);
    out += 16;
    i += 4;
    rest = bitsHigh;
  }
  for (; i < count; i++) {
    store<i32>(out, i32x4.extract_lane(rest, 0));
    rest = i32x4.shuffle(rest, rest, 1, 2, 3, 3);
    out += 4;
  }
}
