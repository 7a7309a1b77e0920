import { expect, test } from 'vitest';
import { chiSquareQuantile, logGamma, regularisedGamma } from './chi-square';

test("scipy's quantiles", () => {
  // scipy.stats.chi2.ppf
  for (const [p, k, x] of [
    [0.5, 1, 0.45493642311957283],
    [0.975, 1, 5.0238861873148881],
    [0.5, 2, 1.3862943611198906],
    [0.975, 30, 46.97924224367115],
    [0.975, 500, 563.8515],
    [0.001, 3, 0.024297585815692],
  ] as const) {
    expect(Math.abs(chiSquareQuantile(p, k) / x - 1)).toBeLessThan(k === 500 ? 1e-6 : 1e-12);
  }
});

test('the quantile of the share is the value', () => {
  for (const k of [1, 2, 7, 32, 300]) {
    for (const p of [0.01, 0.3, 0.9, 0.999])
      expect(regularisedGamma(k / 2, chiSquareQuantile(p, k) / 2)).toBeCloseTo(p, 12);
  }
});

test('ln Gamma', () => {
  let factorial = 0;
  for (let n = 1; n < 60; n++) {
    expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-13 * Math.max(1, factorial));
    factorial += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
});
