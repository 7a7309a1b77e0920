// Checked by tsc alone: every line under `@ts-expect-error` must not compile.
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- what must not compile has no type */
import type { Tensor } from '@tensorflow/tfjs-core';
import { key } from '../random';
import {
  type BatchedDataset,
  type Batches,
  bucketByLength,
  Dataset,
  type IndexedDataset,
  type NdArray,
  padCollate,
  standardScaler,
  windows,
} from './index';

declare function is<Expected>(value: Expected): void;
const series = new Float32Array(100);

// Columns: a bare array gives numbers, one with a shape gives arrays; batches are tensors by field.
const columns = Dataset.fromArrays({ x: { data: series, shape: [50, 2] }, y: new Int32Array(50) });
is<IndexedDataset<{ x: NdArray; y: number }>>(columns);
is<BatchedDataset<{ x: Tensor; y: Tensor }>>(columns.batch(8));
is<Batches<{ x: Tensor; y: Tensor }>>(columns.shuffle(key(0)).batch(8));
// @ts-expect-error a shape belongs to numbers
Dataset.fromArrays({ x: { shape: [50, 2] } });
// @ts-expect-error randomness is a key, not a number
columns.shuffle(0);

// As many parts as fractions.
const [train, test] = columns.split([0.8, 0.2]);
is<number>(train.size + test.size);
// @ts-expect-error there is no third part
void columns.split([0.8, 0.2])[2];

// Examples keep their type through map, and strings stay strings in a batch.
const words = Dataset.from([{ text: 'a', ids: Int32Array.of(1) }]);
is<BatchedDataset<{ text: string[]; ids: Tensor }>>(words.batch(1));
is<IndexedDataset<number>>(words.map(async ({ text }) => Promise.resolve(text.length)));
is<BatchedDataset<{ text: string[]; ids: Tensor; lengths: { ids: Tensor } }>>(
  words.batch(1, { collate: padCollate() }),
);
is<BatchedDataset<number>>(words.batch(1, { collate: (examples) => examples.length }));
is<BatchedDataset<{ text: string[]; ids: Tensor; lengths: { ids: Tensor } }>>(
  bucketByLength(words, { size: 1, length: ({ ids }) => ids.length }),
);
// @ts-expect-error this field does not exist
bucketByLength(words, { size: 1, length: ({ id }) => id });

// A stream is not counted beforehand and cannot be split.
const stream = Dataset.from(() => [1, 2, 3].values());
is<number | undefined>(stream.size);
// @ts-expect-error only data in memory can be split
stream.split([0.5, 0.5]);

// Without a horizon there is nothing to predict.
is<BatchedDataset<{ x: Tensor; y: Tensor }>>(windows(series, { length: 4, horizon: 1 }).batch(2));
is<BatchedDataset<{ x: Tensor }>>(windows(series, { length: 4 }).batch(2));
// @ts-expect-error no y
windows(series, { length: 4 }).map(({ y }) => y);

// Scalers give back what they are given.
is<Float32Array>(standardScaler(series).transform(series));
is<NdArray>(standardScaler([[1, 2]]).inverse([[1, 2]]));

// Keys: as many as asked for.
const [first, second] = key(0).split();
is<Float32Array>(first.normal(second.words));
const [a, b, c] = key(0).split(3);
is<Uint32Array>([a, b, c][0]!.permutation(3));
// @ts-expect-error there is no third
void key(0).split()[2];
// @ts-expect-error keys do not change
key(0).words[0] = 1;
