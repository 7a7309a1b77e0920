// One word of memory seen as a float and as bits.
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** float32 values from IEEE float16 bit patterns; exact. */
export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    const size =
      exponent === 0
        ? fraction * 2 ** -24 // subnormal
        : exponent === 31
          ? fraction === 0
            ? Infinity
            : NaN
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    values[i] = half & 0x8000 ? -size : size;
  }
  return values;
}

/** IEEE float16 bit patterns of float32 values, rounded to nearest, ties to even; beyond 65504 it becomes Infinity. */
export function toFloat16(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]!;
    const sign = (bits[0]! >>> 16) & 0x8000;
    const size = Math.abs(float[0]);
    if (Number.isNaN(size)) {
      halves[i] = 0x7e00;
    } else if (size >= 65520) {
      halves[i] = sign | 0x7c00; // rounds to 65536, which is out of range
    } else if (size < 2 ** -14) {
      halves[i] = sign | roundToEven(size * 2 ** 24); // subnormal; 1024 is the smallest normal number
    } else {
      // Drops 13 of the 23 bits of the fraction; a carry runs on into the exponent, as it should.
      const word = bits[0]! & 0x7fffffff;
      const kept = (word + 0xfff + ((word >>> 13) & 1)) >>> 13;
      halves[i] = sign | (kept - ((127 - 15) << 10));
    }
  }
  return halves;
}

/** float32 values from bfloat16 bit patterns, which are the upper halves of float32's; exact. */
export function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

/** bfloat16 bit patterns of float32 values, rounded to nearest, ties to even. */
export function toBfloat16(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]!;
    const word = bits[0]!;
    halves[i] = Number.isNaN(float[0]) ? 0x7fc0 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
