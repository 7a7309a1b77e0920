import { gradientDescent, init } from '@dl/core';
import { memory } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { contour, descend, heightsOf, levelsOf, surfaces } from './compute';

beforeAll(async () => {
  await init();
});

test('the path is that of gradientDescent with numerical gradients', () => {
  const before = memory().numTensors;
  const { points } = descend(surfaces.ravine, [-7, 2], { lr: 0.3, momentum: 0.8, steps: 30 });
  expect(memory().numTensors).toBe(before);
  const { path } = gradientDescent(([x = 0, y = 0]) => x ** 2 / 20 + y ** 2, [-7, 2], {
    lr: 0.3,
    momentum: 0.8,
    steps: 30,
  });
  expect(points.length).toBe(31);
  for (const [i, { x, y, height }] of points.entries()) {
    expect(x).toBeCloseTo(path[i]!.x[0]!, 4);
    expect(y).toBeCloseTo(path[i]!.x[1]!, 4);
    expect(height).toBeCloseTo(path[i]!.value, 4);
  }
});

test('too large a rate is seen to diverge, and a right one comes to the minimum', () => {
  expect(descend(surfaces.ravine, [-7, 2], { lr: 1.3, momentum: 0, steps: 100 }).diverged).toBe(true);
  for (const surface of Object.values(surfaces)) {
    const { points } = descend(surface, surface.start, { lr: 0.001, momentum: 0.9, steps: 3000 });
    expect(points.at(-1)!.height).toBeLessThan(0.02);
    expect(points.at(-1)!.height).toBeLessThan(points[0]!.height);
  }
});

test('contour lines lie at their level', () => {
  const grid = heightsOf(surfaces.bowl, 61, 41); // x from -3 to 3, y from -2 to 2, in steps of 0.1
  expect(grid.heights[20 * 61 + 30]).toBeCloseTo(0, 6);
  const circle = contour(grid, 1);
  expect(circle.length).toBeGreaterThan(40);
  for (const [x1, y1] of circle) expect(Math.hypot(x1 / 10 - 3, y1 / 10 - 2)).toBeCloseTo(1, 2);
  const levels = levelsOf(grid, 8);
  expect(levels).toEqual([...levels].sort((a, b) => a - b));
  expect(levels[0]).toBeGreaterThan(0);
  expect(levels.at(-1)).toBeLessThan(13);
});
