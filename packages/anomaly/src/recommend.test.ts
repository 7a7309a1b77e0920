import { expect, test } from 'vitest';
import { recommend } from './recommend';

const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i), i % 7]);

test('another detector for each task, ready to be used', () => {
  const judged = recommend('outlier', rows);
  expect(judged.detector.definition.name).toBe('IsolationForest');
  expect(judged.detector.fitPredict(rows)).toHaveLength(60);
  const learnt = recommend('novelty', rows);
  expect(learnt.detector.definition.name).toBe('KNearestNeighbors');
  expect([...learnt.detector.fit(rows).predict([[50, 50]])]).toEqual([-1]);
  for (const { reason, alternatives } of [judged, learnt]) {
    expect(reason).toMatch(/0\.\d{3}/);
    expect(alternatives.map(({ rocAuc }) => rocAuc)).toEqual(
      alternatives.map(({ rocAuc }) => rocAuc).sort((a, b) => b - a),
    );
  }
});

test('missing values, few rows and many', () => {
  expect(
    recommend('outlier', [
      [1, Number.NaN],
      [2, 3],
    ]).detector.options.missing,
  ).toBe('impute');
  expect(recommend('novelty', [[1], [2]]).detector.definition.name).toBe('IsolationForest');
  expect(recommend('novelty', rows.slice(0, 4)).detector.fit(rows.slice(0, 4)).predict(rows)).toHaveLength(60);
  const many = { data: new Float64Array(4e5 * 2), shape: [4e5, 2] };
  expect(recommend('novelty', many).detector.definition.name).toBe('GaussianMixture');
});
