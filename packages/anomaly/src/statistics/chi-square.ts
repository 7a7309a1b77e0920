/**
 * The quantile of the chi-square distribution: the x below which a share p of it lies. scipy's `chi2.ppf`.
 *
 * @param p from 0 to 1, both excluded
 * @param k degrees of freedom, above 0
 */
export function chiSquareQuantile(p: number, k: number): number {
  const a = k / 2;
  // Wilson and Hilferty's cube root to begin with, then Newton's steps, kept between bounds.
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let x = Math.max(1e-8, k * (1 - 2 / (9 * k) + approximateNormalQuantile(p) * Math.sqrt(2 / (9 * k))) ** 3);
  for (let i = 0; i < 200; i++) {
    const excess = regularisedGamma(a, x / 2) - p;
    if (excess > 0) high = x;
    else low = x;
    const density = Math.exp((a - 1) * Math.log(x / 2) - x / 2 - logGamma(a)) / 2;
    let next = x - excess / density;
    if (!(next > low && next < high)) next = Number.isFinite(high) ? (low + high) / 2 : 2 * x;
    if (Math.abs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}

/** Within 5e-4 of the normal quantile (Abramowitz and Stegun 26.2.23): a start for Newton's method. */
function approximateNormalQuantile(p: number): number {
  const tail = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const z =
    tail -
    (2.515517 + 0.802853 * tail + 0.010328 * tail * tail) /
      (1 + 1.432788 * tail + 0.189269 * tail * tail + 0.001308 * tail ** 3);
  return p < 0.5 ? -z : z;
}

/** P(a, x), the share of a gamma distribution below x: its series below a + 1, its continued fraction above. */
export function regularisedGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return sum * scale;
  }
  // Lentz
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 10_000; n++) {
    const step = -n * (n - a);
    b += 2;
    d = 1 / (step * d + b);
    c = b + step / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return 1 - h * scale;
}

/** ln Gamma(x) for x > 0 (Lanczos, g = 7), relative error near 1e-15. */
export function logGamma(x: number): number {
  let sum = 0.9999999999998099;
  for (const [i, c] of LANCZOS.entries()) sum += c / (x + i);
  const t = x + 6.5;
  return 0.9189385332046728 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];
