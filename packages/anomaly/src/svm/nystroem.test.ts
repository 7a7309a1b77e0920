import { key } from '@dl/core';
import { expect, test } from 'vitest';
import { expectNear } from '../../test/oracle';
import { Nystroem } from './nystroem';

const values = key(1).normal([30, 3]);
const rows = Array.from({ length: 30 }, (_, i) => [...values.subarray(i * 3, i * 3 + 3)]);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);

test.each([
  ['rbf', (a: number[], b: number[]) => Math.exp(-0.2 * a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0))],
  ['linear', dot],
  ['poly', (a: number[], b: number[]) => (0.2 * dot(a, b) + 1) ** 2],
] as const)('from all rows, dot products are the values of the kernel: %s', (kernel, f) => {
  const map = new Nystroem({ kernel, gamma: 0.2, coef0: 1, degree: 2, nComponents: 30 }).fit(rows);
  const { data, shape } = map.transform(rows);
  expect(shape).toEqual([30, 30]);
  for (let i = 0; i < 30; i += 7) {
    const products = rows.map((_, j) => dot(data.subarray(i * 30, i * 30 + 30), data.subarray(j * 30, j * 30 + 30)));
    expectNear(
      products,
      rows.map((row) => f(rows[i]!, row)),
      1e-5,
      1,
    );
  }
});

test('more components than rows are brought down to these, with a warning', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  expect(new Nystroem().fit(rows).transform(rows).shape).toEqual([30, 30]);
  expect((await warned).message).toContain('nComponents (100) > n_samples (30)');
});

test('unfitted use, another number of features, NaN', () => {
  expect(() => new Nystroem().transform(rows)).toThrow('This Nystroem instance is not fitted yet');
  const map = new Nystroem({ nComponents: 5 }).fit(rows);
  expect(() => map.transform([[1, 2]])).toThrow('X has 2 features, but Nystroem is expecting 3 features as input');
  expect(() => map.transform([[1, 2, Number.NaN]])).toThrow('Input X contains NaN');
});
