import { describe, expect, test } from 'vitest';
import { dataSets, expectNear } from '../../test/oracle';
import { KNearestNeighbors as Novelty } from '../novelty';
import { KNearestNeighbors as Outlier } from '../outlier';

interface Golden {
  score: number[];
}

const cases = [
  { block: 'knn5_kth', options: { nNeighbors: 5, method: 'largest' } },
  { block: 'knn20_kth', options: { nNeighbors: 20, method: 'largest' } },
  { block: 'knn20_mean', options: { nNeighbors: 20, method: 'mean' } },
] as const;

describe.each(dataSets())('$name', ({ outlier, novelty }) => {
  for (const { block, options } of cases) {
    test(`${block} equals scikit-learn's in both tasks`, () => {
      const detector = new Outlier(options);
      detector.fitPredict(outlier.train);
      expectNear(
        detector.scores.map((s) => -s),
        outlier.block<Golden>(block)!.score,
        1e-9,
      );
      const scores = new Novelty(options).fit(novelty.train).scoreSamples(novelty.test);
      expectNear(
        scores.map((s) => -s),
        novelty.block<Golden>(block)!.score,
        1e-9,
      );
    });
  }
});

test('the median of an even number of distances lies between the two in the middle', () => {
  const detector = new Novelty({ nNeighbors: 4, method: 'median' }).fit([[0], [1], [3], [7], [100]]);
  expect([...detector.scoreSamples([[0]])]).toEqual([-2]);
});

test('the threshold is the quantile of the training scores, where a row is not its own neighbour', () => {
  const rows = [[0], [1], [2], [3], [50]];
  const detector = new Outlier({ nNeighbors: 1, contamination: 0.2 });
  expect([...detector.fitPredict(rows)]).toEqual([1, 1, 1, 1, -1]);
  expect([...detector.scores]).toEqual([-1, -1, -1, -1, -47]);
  const clean = new Novelty({ nNeighbors: 1, contamination: 0.2 }).fit(rows);
  expect(clean.offset).toBe(detector.offset);
  expect([...clean.scoreSamples(rows)].every((score) => score === 0)).toBe(true);
});

test.each([
  { method: 'largest', p: 2 },
  { method: 'mean', p: 2 },
  { method: 'median', p: 3 },
  { method: 'largest', p: 1 },
] as const)('what the features add is the distance: $method, p $p', ({ method, p }) => {
  const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(2 * i), Math.sin(3 * i)]);
  const detector = new Novelty({ nNeighbors: 4, method, p }).fit(rows);
  const later = [[0.3, 0.1, 9], [0.5, -4, 0.5], rows[7]!];
  const [parts, scores] = [detector.explain(later), detector.scoreSamples(later)];
  for (let i = 0; i < 3; i++) {
    const row = parts.subarray(3 * i, 3 * i + 3);
    expect(row.every((part) => part >= 0)).toBe(true);
    expect(row[0]! + row[1]! + row[2]!).toBeCloseTo(-scores[i]!, 10);
  }
  expect(parts[2]).toBeGreaterThan(parts[0]! + parts[1]!);
  expect(parts[4]).toBeGreaterThan(parts[3]! + parts[5]!);
});

test('a distance that is no sum over features is not explained', () => {
  const detector = new Novelty({ metric: 'cosine' }).fit([
    [1, 2],
    [2, 1],
    [3, 4],
    [4, 3],
    [5, 5],
    [6, 1],
  ]);
  expect(() => detector.explain([[1, 1]])).toThrow("a distance by 'cosine' is no sum over features");
});
