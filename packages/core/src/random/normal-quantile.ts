/**
 * The standard normal distribution, made of nothing but + - * / and square roots, which IEEE 754 rounds the same on every
 * engine: `Math.log`, `sin` and `cos` may differ in the last bit between engines, and a network's start would with them.
 */

/**
 * The value below which a standard normal variable lies with probability `p`; 0 < p < 1. Wichura, algorithm AS 241
 * (PPND16), relative error about 1e-16.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(r, CENTRE_NUMERATOR)) / polynomial(r, CENTRE_DENOMINATOR);
  }
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const tail =
    r <= 5
      ? polynomial(r - 1.6, MIDDLE_NUMERATOR) / polynomial(r - 1.6, MIDDLE_DENOMINATOR)
      : polynomial(r - 5, FAR_NUMERATOR) / polynomial(r - 5, FAR_DENOMINATOR);
  return q < 0 ? -tail : tail;
}

/** The probability that a standard normal variable lies below `z`: the inverse of `normalQuantile`, by bisection. */
export function normalProbability(z: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 64; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalQuantile(middle) < z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const bits = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a positive, normal number: x = 2^e m, ln m = 2 atanh((m - 1) / (m + 1)). */
function log(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  const s = (m - 1) / (m + 1); // |s| < 0.172: eleven terms reach 1e-17
  const s2 = s * s;
  let series = 0;
  for (let n = 21; n >= 1; n -= 2) series = series * s2 + 1 / n;
  return 2 * s * series + exponent * Math.LN2;
}

function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

const CENTRE_NUMERATOR = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const CENTRE_DENOMINATOR = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const MIDDLE_NUMERATOR = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const MIDDLE_DENOMINATOR = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_NUMERATOR = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const FAR_DENOMINATOR = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];
