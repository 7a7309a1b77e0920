import { memory, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { key } from '../random';
import { type BatchedDataset, disposeBatch } from './batched-dataset';
import { Dataset } from './dataset';

beforeAll(async () => {
  await init();
});

let before = 0;
beforeEach(() => {
  before = memory().numTensors;
});
afterEach(() => {
  expect(memory().numTensors, 'tensors left behind').toBe(before);
});

/** The values of every batch, whose tensors are freed. */
async function values<B>(batches: AsyncIterable<B>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const batch of batches) {
    all.push(plain(batch));
    disposeBatch(batch);
  }
  return all;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  if ('dataId' in (value as object)) return (value as Tensor).arraySync();
  return Object.fromEntries(Object.entries(value as object).map(([name, part]) => [name, plain(part)]));
}

async function listed<T>(dataset: Dataset<T>, epoch = 0): Promise<T[]> {
  const all: T[] = [];
  for await (const example of dataset.examples(epoch)) all.push(example);
  return all;
}

const ten = () =>
  Dataset.fromArrays({
    x: { data: Float32Array.from({ length: 20 }, (_, i) => i / 2), shape: [10, 2] },
    y: Int32Array.from({ length: 10 }, (_, i) => i),
  });
const labels = async (batches: AsyncIterable<{ y: Tensor }>) =>
  (await values(batches)).map((batch) => (batch as { y: number[] }).y);

describe('columns', () => {
  test('batches are rows in order, with the columns’ dtypes; the last may be smaller', async () => {
    const batches = ten().batch(4);
    expect(batches.size).toBe(3);
    const first = await ten().first(3);
    expect([first.x.dtype, first.y.dtype, first.x.shape]).toEqual(['float32', 'int32', [3, 2]]);
    disposeBatch(first);
    expect(await labels(batches)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(await labels(ten().batch(4, { dropLast: true }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect((await values(batches))[2]).toEqual({
      x: [
        [8, 8.5],
        [9, 9.5],
      ],
      y: [8, 9],
    });
  });

  test('bytes with a scale become floats, also where examples are looked at', async () => {
    const data = Dataset.from({ data: Uint8Array.of(0, 51, 102, 255), shape: [2, 2], scale: 1 / 255 });
    const batch = await data.first(2);
    expect(batch.dtype).toBe('float32');
    expect([...batch.dataSync()]).toEqual([...Float32Array.of(0, 0.2, 0.4, 1)]);
    disposeBatch(batch);
    const mapped = await data.map(({ data: [a = 0, b = 0] }) => a + b).first(2);
    expect([...mapped.dataSync()]).toEqual([...Float32Array.of(0.2, 1.4)]);
    disposeBatch(mapped);
  });

  test('of tensors, which stay the caller’s', async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const mask = tensor([true, false], [2], 'bool');
    const data = Dataset.fromTensors({ x, mask });
    disposeBatch([x, mask]);
    const batch = await data.first(2);
    expect([batch.x.dtype, batch.mask.dtype]).toEqual(['float32', 'bool']);
    expect(plain(batch)).toEqual({
      x: [
        [1, 2],
        [3, 4],
      ],
      mask: [1, 0],
    });
    disposeBatch(batch);
  });

  test('a batch of 60,000 rows of 784 costs no object an example', async () => {
    const n = 6000;
    const data = Dataset.fromArrays({ x: { data: new Uint8Array(n * 784), shape: [n, 784], scale: 1 / 255 } });
    const start = performance.now();
    for await (const batch of data.shuffle(key(0)).batch(128)) disposeBatch(batch);
    expect(performance.now() - start).toBeLessThan(1000); // a tenth of an epoch; about 20 ms
  });

  test('refuses what does not fit', () => {
    expect(() => Dataset.fromArrays({ x: { data: new Float32Array(5), shape: [2, 3] } })).toThrow(
      /column 'x': the shape does not hold 5 numbers/,
    );
    expect(() =>
      Dataset.fromArrays({ x: new Float32Array(3), y: new Int32Array(4) }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: Dataset.fromArrays: the columns differ in the number of examples
        x  [3]
        y  [4]]
    `);
    expect(() => Dataset.fromArrays({})).toThrow('no columns');
    expect(() => ten().batch(0)).toThrow('whole number from 1');
  });
});

describe('order', () => {
  test('shuffle: every example once, another order each epoch, the same for the same epoch', async () => {
    const data = ten().shuffle(key(1)).batch(10);
    const [a, again, b] = [await labels(data.batches(0)), await labels(data.batches(0)), await labels(data.batches(1))];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
    for (const [order] of [a, b]) expect([...order!].sort((p, q) => p - q)).toEqual([...ten().order()]);
  });

  test.each([
    ['indexed', () => ten().shuffle(key(2)) as Dataset<{ y: number }>],
    ['stream', () => Dataset.from(() => ten().examples()).shuffle(key(2), { buffer: 4 })],
  ])('batches(epoch, skip) goes on where it stood: %s', async (_, make) => {
    const data = make()
      .map(({ y }) => ({ y }))
      .batch(3) as BatchedDataset<{ y: Tensor }>;
    for (const skip of [0, 1, 3, 4, 9]) {
      expect(await labels(data.batches(5, skip))).toEqual((await labels(data.batches(5))).slice(skip));
    }
  });

  test('skipped batches of data in memory are not produced', async () => {
    const read: number[] = [];
    const data = ten().map((example, { index }) => {
      read.push(index);
      return example.y;
    });
    await values(data.batch(4).batches(0, 2));
    expect(read).toEqual([8, 9]);
  });

  test('take, skip and split cut without copies and without a gap', async () => {
    expect(await labels(ten().skip(2).take(3).batch(5))).toEqual([[2, 3, 4]]);
    expect(ten().take(99).size).toBe(10);
    const [train, test, rest] = ten().split([0.6, 0.3, 0.1]);
    expect([train.size, test.size, rest.size]).toEqual([6, 3, 1]);
    expect(await labels(test.batch(5))).toEqual([[6, 7, 8]]);
    const [a, b] = ten().split([0.75, 0.25], key(3));
    expect(await labels(a.batch(10))).not.toEqual([[0, 1, 2, 3, 4, 5, 6, 7]]);
    const all = [...(await labels(a.batch(10)))[0]!, ...(await labels(b.batch(10)))[0]!];
    expect(all.sort((p, q) => p - q)).toEqual([...ten().order()]);
    expect(await labels(a.batch(10).batches(1))).toEqual(await labels(a.batch(10).batches(0)));
  });

  test('a dataset shuffled anew each epoch cannot be split', () => {
    expect(() => ten().shuffle(key(0)).take(5).split([0.5, 0.5])).toThrow('split first');
    expect(() => ten().split([0.9, 0.2])).toThrow('not shares of 1');
  });

  test('filter keeps the fast path and the order', async () => {
    const even = ten().filter(({ y }) => y % 2 === 0);
    expect(even.size).toBe(5);
    expect(await labels(even.skip(1).batch(3))).toEqual([[2, 4, 6], [8]]);
    const shuffled = ten()
      .shuffle(key(4))
      .filter(({ y }) => y > 6);
    expect([...(await labels(shuffled.batch(3).batches(7)))[0]!].sort()).toEqual([7, 8, 9]);
  });
});

describe('examples', () => {
  test('numbers, booleans, strings, nested arrays and nested objects are stacked', async () => {
    const data = Dataset.from([
      {
        image: [
          [1, 2],
          [3, 4],
        ],
        meta: { name: 'a', seen: true },
        label: 1,
      },
      {
        image: [
          [5, 6],
          [7, 8],
        ],
        meta: { name: 'b', seen: false },
        label: 0,
      },
    ]);
    for await (const batch of data.batch(2, { dtypes: { label: 'int32' } })) {
      const { image, meta, label } = batch;
      expect([image.shape, image.dtype, meta.seen.dtype, label.dtype]).toEqual([[2, 2, 2], 'float32', 'bool', 'int32']);
      expect(meta.name).toEqual(['a', 'b']);
      disposeBatch(batch);
    }
  });

  test('examples of other shapes are refused before a tensor is made', async () => {
    const data = Dataset.from([
      { a: 1, x: Int32Array.of(1, 2) },
      { a: 1, x: Int32Array.of(1) },
    ]);
    await expect(data.first(2)).rejects.toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: batch, field 'x': example 1 has another shape than example 0
        example 0  [2]
        example 1  [1]
        hint       sequences of different lengths are padded by batch(size, { collate: padCollate() })]
    `);
    await expect(Dataset.from([[1], [[2]]]).first(2)).rejects.toThrow('example 1 has another shape');
    await expect(Dataset.from([[[1, 2], [3]]]).first(1)).rejects.toThrow('nested arrays');
    await expect(Dataset.from([new Map()]).first(1)).rejects.toThrow('type Map cannot be stacked');
  });

  test('map may be asynchronous and knows epoch and index', async () => {
    const data = ten().map(async ({ y }, { epoch, index }) => {
      await Promise.resolve();
      return y * 100 + epoch * 10 + index;
    });
    expect(await listed(data.skip(8), 1)).toEqual([818, 919]);
    expect(await values(data.batch(9))).toEqual([Array.from({ length: 9 }, (_, i) => i * 101), [909]]);
    expect(() => data.filter(() => true)).toThrow('filter before that map');
  });
});

describe('streams', () => {
  async function* count(n: number) {
    for (let i = 0; i < n; i++) yield await Promise.resolve(i);
  }

  test('the same methods as data in memory', async () => {
    const data = Dataset.from(() => count(10));
    expect(data.size).toBeUndefined();
    expect(
      await values(
        data
          .skip(2)
          .take(5)
          .filter((v) => v !== 4)
          .map((v) => v * 2)
          .batch(3),
      ),
    ).toEqual([[4, 6, 10], [12]]);
    expect(await values(data.batch(4, { dropLast: true }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(await values(data.batch(4))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(await listed(data.take(0))).toEqual([]);
  });

  test('shuffle draws from a buffer, by epoch', async () => {
    const data = Dataset.from(new Set(Array.from({ length: 50 }, (_, i) => i))).shuffle(key(1), { buffer: 8 });
    const [a, again, b] = [await listed(data), await listed(data), await listed(data, 1)];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
    expect([...a].sort((p, q) => p - q)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    for (const [place, value] of a.entries()) expect(value).toBeLessThanOrEqual(place + 8);
  });

  test('an iterator that is used up says so', async () => {
    const data = Dataset.from(count(3));
    expect(await listed(data)).toEqual([0, 1, 2]);
    await expect(listed(data, 1)).rejects.toThrow('can be gone through only once');
    expect(await listed(Dataset.from([]))).toEqual([]);
  });
});

describe('batches', () => {
  test('map frees what it replaces and keeps what it returns', async () => {
    const data = ten()
      .batch(5)
      .map(({ x, y }, { index }) => ({
        x: x.clone(),
        y,
        index: tensor([index]),
      }));
    expect(await labels(data.batches(0, 1))).toEqual([[5, 6, 7, 8, 9]]);
    const failing = ten()
      .batch(5)
      .map(() => {
        throw new Error('mine');
      });
    await expect(values(failing.batches())).rejects.toThrow('mine');
  });

  test('prefetch reads ahead, and frees what nobody took', async () => {
    let made = 0;
    const data = Dataset.from(() => ten().examples())
      .map((example) => {
        made++;
        return example;
      })
      .batch(2)
      .prefetch(2);
    for await (const batch of data) {
      disposeBatch(batch);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(made).toBe(6);
      break;
    }
    expect(await labels(data as never)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ]);
    const failing = Dataset.from([1, 2, 3]).map((v) => (v === 3 ? Promise.reject(new Error('mine')) : v));
    await expect(values(failing.batch(1).prefetch(2))).rejects.toThrow('mine');
  });
});
