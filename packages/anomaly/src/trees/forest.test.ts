import { expect, test } from 'vitest';
import { faultOfForest } from './forest';
import { roundDown } from './grow-tree';

const forest = () => ({
  feature: Int32Array.of(0, 1, -1, -1, -1, -1),
  threshold: Float32Array.of(0.5, 2, 0, 0, 0, 0),
  left: Int32Array.of(1, 3, 2, 3, 4, 5),
  path: Float64Array.of(0, 0, 1, 2, 2, 0),
  roots: Int32Array.of(0, 5),
});

test('a forest is accepted, and every fault in it is named', () => {
  expect(faultOfForest(forest(), 2)).toBeUndefined();
  for (const [field, at, value, message] of [
    ['feature', 1, 2, 'node 1 asks for feature 2 of 2'],
    ['left', 1, 1, 'node 1 has the child 1'],
    ['left', 1, 0, 'node 1 has the child 0'],
    ['left', 1, 2, 'node 1 has the child 2'],
    ['left', 1, 4, 'node 1 has the child 4'],
    ['left', 1, -7, 'node 1 has the child -7'],
    ['left', 2, 0, 'leaf 2 has the child 0'],
    ['feature', 1, -1, 'leaf 1 has the child 3'],
    ['threshold', 0, Number.NaN, 'node 0 has no threshold'],
    ['path', 3, Number.NaN, 'leaf 3 has the path length NaN'],
    ['roots', 0, 1, 'does not begin at node 0'],
    ['roots', 1, 9, 'tree 0 lies from node 0 to 9'],
    ['roots', 1, 0, 'tree 0 lies from node 0 to 0'],
  ] as const) {
    const bad = forest();
    bad[field][at] = value;
    expect(faultOfForest(bad, 2)).toContain(message);
  }
  expect(faultOfForest({ ...forest(), path: new Float64Array(2) }, 2)).toContain('2 paths of nodes');
  const unreached = forest();
  unreached.feature[1] = -1;
  unreached.left[1] = 1;
  expect(faultOfForest(unreached, 2)).toContain('tree 0 has nodes that no path leads to');
});

test('a float32 is at most x exactly where it is at most x rounded down', () => {
  for (const x of [0.1, -0.1, 1 / 3, 2 ** 24 + 1, -1e-50, 1e-50, 5, 3.4e38, -3.3e38]) {
    const down = roundDown(x);
    expect(Math.fround(down)).toBe(down);
    expect(down).toBeLessThanOrEqual(x);
    const bits = new Int32Array(Float32Array.of(down).buffer);
    bits[0]! += down > 0 || Object.is(down, 0) ? 1 : -1;
    expect(new Float32Array(bits.buffer)[0]).toBeGreaterThan(x);
  }
});
