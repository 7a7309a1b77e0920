import { key } from '@dl/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Matrix, sliceRows } from '../data/matrix';
import { withKernels } from '../memory/kernels';
import { nearestNeighbors } from './nearest-neighbors';

function normal(seed: number, rows: number, columns: number, scale = 1, shift = 0): Matrix {
  const data = Float64Array.from(key(seed).normal([rows, columns]), (v) => v * scale + shift);
  return { data, rows, columns };
}

/** By the definition, in the order of the kernel's sums. */
function search(training: Matrix, queries: Matrix, k: number, inSample: boolean) {
  const d = training.columns;
  return Array.from({ length: queries.rows }, (_, i) => {
    const all = Array.from({ length: training.rows }, (_, j) => {
      let [even, odd] = [0, 0];
      for (let f = 0; f < d; f++) {
        const difference = queries.data[i * d + f]! - training.data[j * d + f]!;
        if (f % 2 === 0) even += difference * difference;
        else odd += difference * difference;
      }
      return { distance: Math.sqrt(even + odd), j };
    });
    const others = inSample ? all.filter(({ j }) => j !== i) : all;
    return others.sort((a, b) => a.distance - b.distance || a.j - b.j).slice(0, k);
  });
}

function expectExact(training: Matrix, queries: Matrix | 'itself', k: number): void {
  const inSample = queries === 'itself';
  const expected = search(training, inSample ? training : queries, k, inSample).flat();
  const found = nearestNeighbors(training, queries, k, {});
  expect([...found.indices]).toEqual(expected.map(({ j }) => j));
  expect([...found.distances]).toEqual(expected.map(({ distance }) => distance));
}

describe('the kernel finds what a search in float64 finds, bit for bit', () => {
  test.each([
    { name: 'several blocks', training: normal(0, 1100, 7), queries: normal(1, 60, 7), k: 20 },
    { name: 'one feature', training: normal(2, 700, 1), queries: normal(3, 50, 1), k: 3 },
    {
      name: 'more features than a block of the product',
      training: normal(4, 40, 530),
      queries: normal(5, 9, 530),
      k: 4,
    },
    { name: 'far from the origin', training: normal(6, 600, 3, 1, 1e6), queries: normal(7, 20, 3, 1, 1e6), k: 5 },
    { name: 'larger than float32 can square', training: normal(8, 50, 3, 1e25), queries: normal(9, 10, 3, 1e25), k: 5 },
    {
      name: 'smaller than float32 can square',
      training: normal(8, 50, 3, 1e-25),
      queries: normal(9, 10, 3, 1e-25),
      k: 5,
    },
    { name: 'all rows as neighbours', training: normal(10, 30, 4), queries: normal(11, 10, 4), k: 30 },
  ])('$name', ({ training, queries, k }) => {
    expectExact(training, queries, k);
    expectExact(training, 'itself', Math.min(k, training.rows - 1));
  });

  test('equal rows, and rows on a grid, are taken by index', () => {
    const grid = { data: Float64Array.from({ length: 1200 }, (_, i) => (i * 7919) % 5), rows: 600, columns: 2 };
    expectExact(grid, 'itself', 12);
    expectExact({ data: new Float64Array(1000), rows: 500, columns: 2 }, 'itself', 5);
  });

  test('any sizes', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 2, max: 90 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        (seed, n, d, k) => {
          expectExact(normal(seed, n, d), 'itself', 1 + (k % (n - 1)));
          expectExact(normal(seed, n, d), normal(seed + 1, 11, d), 1 + (k % n));
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('on common data no row needs the search in float64', () => {
  const [training, queries] = [normal(20, 2000, 16), normal(21, 100, 16)];
  const searched = withKernels((kernels, lease) => {
    const [n, d, k, kept] = [2000, 16, 20, 30];
    const y = lease.put(training.data);
    const center = lease.put(new Float64Array(d));
    const packed = lease.bytes(kernels.packedTraining(n, d));
    const scratch = lease.bytes(Math.max(kernels.nearestScratch(d, kept), 512 * (d + 1) * 4));
    kernels.packTraining(n, d, y, center, packed, scratch);
    const x = lease.put(queries.data);
    const [toDistances, toIndices] = [lease.bytes(100 * k * 8), lease.bytes(100 * k * 4)];
    return kernels.nearest(100, n, d, x, y, packed, center, -1, k, kept, toDistances, toIndices, scratch);
  });
  expect(searched).toBe(0);
});

test('38: both ways of searching give the same bits: few queries do without the kernel', () => {
  const [training, queries] = [normal(30, 300, 5), normal(31, 40, 5)];
  const all = nearestNeighbors(training, queries, 6, {});
  for (let i = 0; i < 40; i += 3) {
    const few = nearestNeighbors(training, sliceRows(queries, i, i + 1), 6, {});
    expect(few.distances).toEqual(all.distances.subarray(i * 6, i * 6 + 6));
    expect(few.indices).toEqual(all.indices.subarray(i * 6, i * 6 + 6));
  }
});

test('other metrics', () => {
  const training = { data: Float64Array.of(0, 0, 3, 4, 1, 0), rows: 3, columns: 2 };
  const query = { data: Float64Array.of(3, 1), rows: 1, columns: 2 };
  const distances = (metric: Parameters<typeof nearestNeighbors>[3]) => [
    ...nearestNeighbors(training, query, 3, metric).distances,
  ];
  expect(distances({ metric: 'manhattan' })).toEqual([3, 3, 4]);
  expect(distances({ metric: 'chebyshev' })).toEqual([2, 3, 3]);
  expect(distances({ p: 3 })).toEqual(
    [Math.cbrt(9), Math.cbrt(27), Math.cbrt(28)].map((v) => expect.closeTo(v, 12) as number),
  );
  expect(distances({ metric: (a, b) => Math.abs(a[0]! - b[0]!) })).toEqual([0, 2, 3]);
  expect(distances({ metric: 'cosine' })[0]).toBeCloseTo(1 - 3 / Math.sqrt(10), 12);
  expect(() => distances({ metric: () => Number.NaN })).toThrow('is NaN');
});
