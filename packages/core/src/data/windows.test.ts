import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { disposeBatch } from './batched-dataset';
import { windows } from './windows';

beforeAll(async () => {
  await init();
});

const ramp = Float32Array.from({ length: 10 }, (_, i) => i);

test('one feature: every window and the steps after it', async () => {
  const before = memory().numTensors;
  const data = windows(ramp, { length: 3, horizon: 2, stride: 2 });
  expect(data.size).toBe(3); // starts 0, 2, 4; start 6 would need step 10
  const { x, y } = await data.first(3);
  expect([x.shape, y.shape]).toEqual([
    [3, 3, 1],
    [3, 2, 1],
  ]);
  expect([...x.dataSync()]).toEqual([0, 1, 2, 2, 3, 4, 4, 5, 6]);
  expect([...y.dataSync()]).toEqual([3, 4, 5, 6, 7, 8]);
  disposeBatch([x, y]);
  expect(memory().numTensors).toBe(before);
});

test('many features, some of them predicted, after a gap; examples equal batches', async () => {
  const series = { data: Float32Array.from({ length: 24 }, (_, i) => i), shape: [8, 3] };
  const data = windows(series, { length: 2, horizon: 2, gap: 1, targets: [2, 0] });
  expect(data.size).toBe(4);
  const { x, y } = await data.skip(1).first(1);
  expect(x.arraySync()).toEqual([
    [
      [3, 4, 5],
      [6, 7, 8],
    ],
  ]);
  expect(y.arraySync()).toEqual([
    [
      [14, 12],
      [17, 15],
    ],
  ]);
  disposeBatch([x, y]);
  const example = data.atNow(1, 'test');
  expect([[...example.x.data], example.x.shape]).toEqual([
    [3, 4, 5, 6, 7, 8],
    [2, 3],
  ]);
  expect([[...example.y.data], example.y.shape]).toEqual([
    [14, 12, 17, 15],
    [2, 2],
  ]);
});

test('without a horizon there is nothing but the window', async () => {
  const data = windows(ramp, { length: 10 });
  expect(data.size).toBe(1);
  const batch = await data.first(1);
  expect(Object.keys(batch)).toEqual(['x']);
  disposeBatch(batch);
});

test('refuses what cannot be cut', () => {
  expect(() => windows(ramp, { length: 8, horizon: 3 })).toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: windows: the series has 10 time steps, a window takes 11 (length 8, gap 0, horizon 3)
      hint  give a longer series, or a smaller length or horizon]
  `);
  expect(() => windows(ramp, { length: 0 })).toThrow('length is 0');
  expect(() => windows(ramp, { length: 2, horizon: 1, targets: [1] })).toThrow(
    'targets [1] of a series with 1 features',
  );
  expect(() => windows({ data: ramp, shape: [1, 5, 2] }, { length: 1 })).toThrow('[time] or [time, features]');
});
