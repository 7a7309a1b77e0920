import { memory, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { disposeBatch } from './batched-dataset';
import { padCollate } from './pad-collate';

beforeAll(async () => {
  await init();
});

const array = (t: Tensor) => t.arraySync();

test('fields that are sequences are padded, with their lengths; others are stacked', () => {
  const before = memory().numTensors;
  const batch = padCollate({ padding: -1, dtypes: { y: 'int32' } })([
    { words: Int32Array.of(5, 2), frames: [[1, 2]], name: 'a', y: 0 },
    {
      words: Int32Array.of(7, 1, 4),
      frames: [
        [3, 4],
        [5, 6],
      ],
      name: 'b',
      y: 1,
    },
  ]);
  expect(array(batch.words)).toEqual([
    [5, 2, -1],
    [7, 1, 4],
  ]);
  expect(batch.words.dtype).toBe('int32');
  expect(array(batch.frames)).toEqual([
    [
      [1, 2],
      [-1, -1],
    ],
    [
      [3, 4],
      [5, 6],
    ],
  ]);
  expect([batch.name, batch.y.dtype, batch.y.shape]).toEqual([['a', 'b'], 'int32', [2]]);
  expect(array(batch.lengths.words)).toEqual([2, 3]);
  expect(array(batch.lengths.frames)).toEqual([1, 2]);
  expect(batch.lengths.words.dtype).toBe('int32');
  disposeBatch(batch);
  expect(memory().numTensors).toBe(before);
});

test('bare sequences, empty ones among them, cut to the greatest length', () => {
  const batch = padCollate({ maxLength: 2 })([Int32Array.of(1, 2, 3), new Int32Array(0), Int32Array.of(4)]);
  expect(array(batch.x)).toEqual([
    [1, 2],
    [0, 0],
    [4, 0],
  ]);
  expect(array(batch.lengths)).toEqual([2, 0, 1]);
  disposeBatch(batch);
});

test('only the named fields', () => {
  const batch = padCollate({ fields: ['s'] })([
    { s: [1], image: [0, 1, 2] },
    { s: [1, 2], image: [3, 4, 5] },
  ]);
  expect([batch.s.shape, batch.image.shape, Object.keys(batch.lengths)]).toEqual([[2, 2], [2, 3], ['s']]);
  disposeBatch(batch);
  expect(() => padCollate()([[[1, 2]], [[1, 2, 3]]])).toThrow('example 1 has another shape');
});
