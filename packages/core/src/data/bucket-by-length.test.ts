import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import { disposeBatch } from './batched-dataset';
import { bucketByLength } from './bucket-by-length';
import { Dataset } from './dataset';
import { padCollate } from './pad-collate';

beforeAll(async () => {
  await init();
});

const lengths = key(0).integers(200, 1, 80);
const sentences = Array.from(lengths, (n, id) => ({ id, words: new Int32Array(n) }));
const length = ({ words }: { words: Int32Array }) => words.length;
const ids = { collate: (examples: readonly { id: number }[]) => examples.map(({ id }) => id) };

async function listed<B>(batches: AsyncIterable<B>): Promise<B[]> {
  const all: B[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

test('every example comes once an epoch, with others of its bucket', async () => {
  const batches = bucketByLength(Dataset.from(sentences).shuffle(key(1)), {
    size: 16,
    length,
    boundaries: [20, 50],
    ...ids,
  });
  for (const epoch of [0, 3]) {
    const all = await listed(batches.batches(epoch));
    expect(all).toHaveLength(batches.size!);
    expect(all.flat().sort((a, b) => a - b)).toEqual(sentences.map(({ id }) => id));
    for (const batch of all) {
      const buckets = new Set(batch.map((id) => (lengths[id]! < 20 ? 0 : lengths[id]! < 50 ? 1 : 2)));
      expect(buckets.size).toBe(1);
    }
    expect(await listed(batches.batches(epoch, 5))).toEqual(all.slice(5));
  }
  expect(await listed(batches.batches(0))).not.toEqual(await listed(batches.batches(1)));
});

test('pads far less than plain batches do, with boundaries of its own', async () => {
  const before = memory().numTensors;
  const steps = async (batches: AsyncIterable<{ words: { size: number } }>) => {
    let sum = 0;
    for await (const batch of batches) {
      sum += batch.words.size;
      disposeBatch(batch);
    }
    return sum;
  };
  const data = Dataset.from(sentences).shuffle(key(1));
  const real = lengths.reduce((a, b) => a + b, 0);
  const bucketed = (await steps(bucketByLength(data, { size: 16, length }))) - real;
  const plain = (await steps(data.batch(16, { collate: padCollate() }))) - real;
  expect(bucketed).toBeLessThan(plain / 4);
  expect(memory().numTensors).toBe(before);
});

test('streams', async () => {
  const stream = Dataset.from(() => sentences.values());
  const options = { size: 16, length, boundaries: [20, 50], ...ids };
  const expected = await listed(bucketByLength(Dataset.from(sentences), options));
  expect(await listed(bucketByLength(stream, options))).toEqual(expected);
  expect(await listed(bucketByLength(stream, options).batches(0, 4))).toEqual(expected.slice(4));
  const full = await listed(bucketByLength(stream, { ...options, dropLast: true }));
  expect(full).toEqual(expected.filter((batch) => batch.length === 16));
  expect(() => bucketByLength(stream, { size: 4, length })).toThrow('a stream needs boundaries');
  expect(() => bucketByLength(stream, { size: 4, length, boundaries: [3, 3] })).toThrow('do not rise');
});
