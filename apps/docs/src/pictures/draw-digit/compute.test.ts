import { init, key } from '@dl/core';
import { encodeSafetensors } from '@dl/core/io';
import { memory } from '@dl/core/ops';
import { beforeAll, expect, test } from 'vitest';
import { classifier } from './classifier';
import { loadClassifier, read } from './compute';
import { rasterise, SIDE, type Stroke } from './rasterise';

beforeAll(async () => {
  await init();
});

const seven: Stroke[] = [
  [
    [10, 10],
    [60, 10],
    [30, 90],
  ],
];

function box(pixels: Float32Array) {
  const on = [...pixels.entries()]
    .filter(([, value]) => value >= 0.5)
    .map(([i]) => [i % SIDE, Math.floor(i / SIDE)] as const);
  const [xs, ys] = [on.map(([x]) => x), on.map(([, y]) => y)];
  return { width: Math.max(...xs) - Math.min(...xs) + 1, height: Math.max(...ys) - Math.min(...ys) + 1 };
}

test('a drawing becomes an image as those of MNIST, wherever and however large it was drawn', () => {
  const image = rasterise(seven);
  const moved = rasterise(seven.map((stroke) => stroke.map(([x, y]) => [300 + 0.2 * x, 7 + 0.2 * y] as const)));
  for (const [i, value] of image.entries()) expect(moved[i]).toBeCloseTo(value, 4);
  expect(box(image).height).toBeGreaterThanOrEqual(19);
  expect(box(image).height).toBeLessThanOrEqual(21);
  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of image.entries()) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
    mass += value;
    x += value * (i % SIDE);
    y += value * Math.floor(i / SIDE);
  }
  expect(x / mass).toBeCloseTo(13.5, 0);
  expect(y / mass).toBeCloseTo(13.5, 0);
});

test('nothing drawn is paper, and a point is a dot in the middle', () => {
  expect(Math.max(...rasterise([]))).toBe(0);
  const dot = rasterise([[[5, 5]]]);
  expect(dot[14 * SIDE + 14]).toBeGreaterThan(0.5);
  expect(box(dot)).toEqual({ width: 2, height: 2 });
});

test('the network is read from a file, gives shares, maps and where it looks, and leaves nothing behind', () => {
  using made = classifier(key(3));
  const file = encodeSafetensors(made.stateDict());
  using model = loadClassifier(file.buffer);
  const image = rasterise(seven);
  const before = memory().numTensors;
  const { probabilities, maps, cam } = read(model, image);
  expect(memory().numTensors).toBe(before);
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  expect(maps.map(({ size, maps: of }) => [of.length, size])).toEqual([
    [8, 28],
    [16, 14],
    [48, 7],
  ]);
  expect(cam).toHaveLength(SIDE * SIDE);
  const again = read(made, image);
  expect([...again.probabilities]).toEqual([...probabilities]);
});
