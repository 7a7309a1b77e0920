// Vector constants in memory, as in @dl/core: a load costs less than building a splat in every iteration. Slots are 16 bytes.

/** Address of the table. */
export let constants: usize = 0;

/** Bytes the host has to reserve for the table. */
export function constantsSize(): i32 {
  return 24 * 16;
}

/** Writes the table at `address` and keeps the address. The host calls it once, before any other kernel. */
export function useConstants(address: usize): void {
  constants = address;
  // 0..19: e^x in float64: argument reduced by ln 2 in two parts, then the Taylor polynomial of degree 13
  set(0, -708); // e^-708 is near the smallest normal number
  set(1, 1.4426950408889634); // 1 / ln 2
  set(2, 6755399441055744); // 1.5 * 2^52: adding it leaves the nearest whole number in the low bits
  set(3, 0.6931471803691238); // ln 2, upper bits
  set(4, 1.9082149292705877e-10); // the rest
  set(5, 1.6059043836821613e-10); // 1 / 13!
  set(6, 2.08767569878681e-9);
  set(7, 2.505210838544172e-8);
  set(8, 2.755731922398589e-7);
  set(9, 2.7557319223985893e-6);
  set(10, 2.48015873015873e-5);
  set(11, 1.984126984126984e-4);
  set(12, 1.388888888888889e-3);
  set(13, 8.333333333333333e-3);
  set(14, 4.1666666666666664e-2);
  set(15, 1.6666666666666666e-1);
  set(16, 0.5);
  set(17, 1);
  v128.store(address + (18 << 4), i64x2.splat(0x3ff0000000000000)); // the bits of 1
}

function set(slot: i32, value: f64): void {
  v128.store(constants + (<usize>slot << 4), f64x2.splat(value));
}
