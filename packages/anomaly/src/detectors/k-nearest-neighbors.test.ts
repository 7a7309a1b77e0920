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
