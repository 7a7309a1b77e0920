import { key } from '@dl/core';
import { expect, test } from 'vitest';
import { kMeans } from './k-means';

test('finds groups that lie apart, whatever the key', () => {
  const noise = key(0).normal([90, 2], { std: 0.2 });
  const data = Float64Array.from(noise, (v, i) => v + [0, 5, 10][Math.floor(i / 2) % 3]!);
  for (let seed = 0; seed < 5; seed++) {
    const { labels, centers, inertia } = kMeans({ data, rows: 90, columns: 2 }, 3, key(seed));
    for (let i = 3; i < 90; i++) expect(labels[i]).toBe(labels[i % 3]);
    expect([...centers].sort((a, b) => a - b).map((v) => Math.round(v) + 0)).toEqual([0, 0, 5, 5, 10, 10]);
    expect(inertia).toBeLessThan(90 * 2 * 0.06);
  }
});

test('as many groups as rows, equal rows, one row', () => {
  expect(kMeans({ data: Float64Array.of(1, 5, 9), rows: 3, columns: 1 }, 3, key(1)).inertia).toBe(0);
  const equal = kMeans({ data: new Float64Array(10).fill(2), rows: 10, columns: 1 }, 4, key(1));
  expect([...equal.centers]).toEqual([2, 2, 2, 2]);
  expect(kMeans({ data: Float64Array.of(7), rows: 1, columns: 1 }, 1, key(1)).centers[0]).toBe(7);
});

test('every row belongs to its nearest centre, of many rows and far from 0', () => {
  const [rows, columns] = [5000, 3];
  const data = Float64Array.from(key(4).normal([rows, columns]), (v) => 1e8 + v);
  const { labels, centers } = kMeans({ data, rows, columns }, 7, key(2));
  const squared = (i: number, c: number) => {
    let sum = 0;
    for (let f = 0; f < columns; f++) sum += (data[i * columns + f]! - centers[c * columns + f]!) ** 2;
    return sum;
  };
  for (let i = 0; i < rows; i++) {
    const distances = Array.from({ length: 7 }, (_, c) => squared(i, c));
    expect(distances[labels[i]!]).toBeLessThanOrEqual(Math.min(...distances) + 1e-6);
  }
});
