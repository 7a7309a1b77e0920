import { key } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { cholesky, invertLower, logDeterminant } from './cholesky';
import { momentsOf } from './covariance';
import { symmetricEigen } from './symmetric-eigen';
import { precisionOf, squaredDistances, whiteningOf } from './whitening';

const normal = (seed: number, rows: number, columns: number) => ({
  data: Float64Array.from(key(seed).normal([rows, columns])),
  rows,
  columns,
});

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) c[i * n + j]! += a[i * n + k]! * b[k * n + j]!;
  return c;
}
const transpose = (a: Float64Array, n: number) => a.map((_, i) => a[(i % n) * n + Math.floor(i / n)]!);
const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each([1, 2, 3, 5, 8, 33])('%d features', (n) => {
  const rows = normal(n, 3 * n + 40, n);
  const { mean, covariance } = momentsOf(rows);

  test('moments are those of the definition', () => {
    const expected = new Float64Array(n * n);
    const average = new Float64Array(n);
    for (let i = 0; i < rows.rows; i++) for (let f = 0; f < n; f++) average[f]! += rows.data[i * n + f]! / rows.rows;
    for (let i = 0; i < rows.rows; i++) {
      for (let f = 0; f < n; f++) {
        for (let g = 0; g < n; g++) {
          expected[f * n + g]! +=
            ((rows.data[i * n + f]! - average[f]!) * (rows.data[i * n + g]! - average[g]!)) / rows.rows;
        }
      }
    }
    expect(worst(mean, average)).toBeLessThan(1e-14);
    expect(worst(covariance, expected)).toBeLessThan(1e-14);
  });

  test('eigenvectors are orthonormal, and make the matrix', () => {
    const { values, vectors } = symmetricEigen(covariance, n);
    const identity = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    expect(worst(product(vectors, transpose(vectors, n), n), identity)).toBeLessThan(1e-13);
    const scaled = vectors.map((v, i) => v * values[Math.floor(i / n)]!);
    expect(worst(product(transpose(vectors, n), scaled, n), covariance)).toBeLessThan(1e-13);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  test('the Cholesky factor, its inverse, its determinant', () => {
    const l = cholesky(covariance, n)!;
    expect(worst(product(l, transpose(l, n), n), covariance)).toBeLessThan(1e-14);
    const identity = product(l, invertLower(l, n), n);
    expect(
      worst(
        identity,
        identity.map((_, i) => (i % (n + 1) === 0 ? 1 : 0)),
      ),
    ).toBeLessThan(1e-12);
    const { values } = symmetricEigen(covariance, n);
    expect(logDeterminant(l, n)).toBeCloseTo(
      values.reduce((sum, value) => sum + Math.log(value), 0),
      9,
    );
  });

  test('squared distances are those of the precision', () => {
    const whitening = whiteningOf(covariance, n);
    const precision = precisionOf(whitening, n);
    const distances = squaredDistances(rows, mean, whitening);
    for (const i of [0, 1, 2, rows.rows - 1]) {
      const x = rows.data.subarray(i * n, (i + 1) * n).map((v, f) => v - mean[f]!);
      let expected = 0;
      for (let f = 0; f < n; f++) for (let g = 0; g < n; g++) expected += x[f]! * precision[f * n + g]! * x[g]!;
      expect(Math.abs(distances[i]! / expected - 1)).toBeLessThan(1e-11);
    }
  });
});

test('a singular covariance is whitened where it is not', () => {
  const rows = normal(7, 60, 4);
  for (let i = 0; i < 60; i++) {
    rows.data[i * 4 + 2] = rows.data[i * 4]! + rows.data[i * 4 + 1]!; // depends on two others
    rows.data[i * 4 + 3] = 5; // constant
  }
  const { mean, covariance } = momentsOf(rows);
  expect(cholesky(covariance, 4)).toBeUndefined();
  const whitening = whiteningOf(covariance, 4);
  expect(whitening.rows).toBe(2);
  const precision = precisionOf(whitening, 4);
  expect(worst(product(product(covariance, precision, 4), covariance, 4), covariance)).toBeLessThan(1e-13); // A A+ A = A
  const distances = squaredDistances(rows, mean, whitening);
  expect(distances.reduce((sum, d) => sum + d, 0) / 60).toBeCloseTo(2, 10); // the rank
});
