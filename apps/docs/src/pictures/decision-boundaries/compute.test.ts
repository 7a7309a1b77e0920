import { expect, test } from 'vitest';
import { DETECTORS, FEWEST, GRID, judge, type Placed } from './compute';
import { inside } from './inside';
import { firstPoints } from './points';

const points = firstPoints();
const of = (kind: Placed['kind']) => points.flatMap((point, i) => (point.kind === kind ? [i] : []));

test.each(DETECTORS)('%s: the outlier task judges the training points, the novelty task the others', (detector) => {
  const judged = judge({ detector, task: 'outlier', contamination: 0.1, points })!;
  expect(judged.learnt).toBe(of('normal').length + of('outlier').length);
  for (const i of [...of('normal'), ...of('outlier')]) expect([1, -1]).toContain(judged.labels[i]);
  for (const i of of('new')) expect(judged.labels[i]).toBeUndefined();
  const outside = judged.labels.filter((label) => label === -1).length;
  expect(Math.abs(outside - 0.1 * judged.learnt)).toBeLessThan(4);

  const learnt = judge({ detector, task: 'novelty', contamination: 0.1, points })!;
  expect(learnt.learnt).toBe(of('normal').length);
  for (const i of of('normal')) expect(learnt.labels[i]).toBeUndefined();
  expect(learnt.labels[of('outlier')[0]!]).toBe(-1);
  expect(learnt.labels[of('new')[0]!]).toBe(1);
  expect(learnt.field.length).toBe(GRID * GRID);
  expect(learnt.field.some((value) => value > 0) && learnt.field.some((value) => value < 0)).toBe(true);
});

test('a larger share makes a smaller region', () => {
  const area = (contamination: number) =>
    judge({ detector: 'Mahalanobis', task: 'novelty', contamination, points })!.field.filter((value) => value >= 0)
      .length;
  expect(area(0.3)).toBeLessThan(area(0.05));
});

test('too few points are not judged', () => {
  const few = points.slice(0, FEWEST - 1);
  expect(judge({ detector: 'Mahalanobis', task: 'outlier', contamination: 0.1, points: few })).toBeUndefined();
});

test('the border lies where the field is zero', () => {
  expect(inside([-1, -1, -1, -1], 2, 10)).toBe('');
  expect(inside([1, 1, 1, 1], 2, 10)).toBe('M0 10L10 10L10 0L0 0Z');
  expect(inside([1, -1, 1, -1], 2, 10)).toBe('M0 10L5 10L5 0L0 0Z');
  expect(inside([1, -3, -3, -3], 2, 8)).toBe('M0 8L2 8L0 6Z');
});
