import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Key } from '../random';
import { BatchedDataset } from './batched-dataset';
import { type Collated, collate, type Dtypes } from './collate';
import { type Column, type Columns, ColumnTable, type RowOf } from './columns';
import { type BatchDtype, isNdArray, isTypedArray, type NdArray, type TypedArray } from './nd-array';
import { chunks, type ExampleSource, reader, shuffled } from './stream';

type MaybePromise<T> = T | Promise<T>;

/** Where an example stands: what random augmentation derives its key from. */
export interface ExamplePosition {
  epoch: number;
  /** Of data in memory: the example's place before any shuffle; of streams: the number of the example in its epoch. */
  index: number;
}

/** How examples become batches. */
export interface BatchOptions {
  /**
   * Leaves out a last batch that is smaller than the others.
   * @default false
   */
  dropLast?: boolean;
  /** Dtypes by field where the examples do not tell; see `collate`. */
  dtypes?: Dtypes;
}

/** As `BatchOptions`, with a function of your own that makes the tensors: `padCollate()` for sequences. */
export interface CollateOptions<T, B> {
  dropLast?: boolean;
  /** Makes the tensors of a batch from its examples. */
  collate: (examples: readonly T[]) => B;
}

/**
 * A sequence of examples that can be gone through again and again; nothing is read before it is asked for.
 *
 * Examples are plain values in JavaScript memory (numbers, typed arrays, `{ data, shape }`, objects of these); tensors
 * exist only from `batch()` on. Every method gives a new dataset and leaves this one as it was. The order of an epoch
 * depends on its number alone, so going through the same epoch twice gives the same examples.
 *
 * Data in memory is an `IndexedDataset`, which can also be split, counted and continued from any batch without
 * producing those before.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { Dataset } from '@dl/core/data';
 *
 * await init();
 * const all = Dataset.fromArrays({ x: { data: new Float32Array(400), shape: [100, 4] }, y: new Int32Array(100) });
 * const [train, test] = all.split([0.8, 0.2], key(0));
 * const batches = train.shuffle(key(1)).batch(16); // { x: [16, 4] float32, y: [16] int32 }
 * ```
 *
 * @typeParam T an example
 */
export abstract class Dataset<T> implements AsyncIterable<T> {
  /** Number of examples, where it is known beforehand. */
  abstract readonly size: number | undefined;

  /** The examples of one epoch. */
  abstract examples(epoch?: number): AsyncIterable<T>;

  /**
   * A new order every epoch, from the key and the epoch's number. Data in memory is permuted as a whole; a stream passes
   * through a buffer from which the next example is drawn.
   *
   * @param options `buffer`: how many examples of a stream to draw from, 1024 by default
   */
  abstract shuffle(key: Key, options?: { buffer?: number }): Dataset<T>;

  /** Changes every example when it is read; `f` may be asynchronous. */
  abstract map<U>(f: (example: T, position: ExamplePosition) => MaybePromise<U>): Dataset<U>;

  /** The examples for which `keep` holds. */
  abstract filter(keep: (example: T) => boolean): Dataset<T>;

  /** The first `count` examples of every epoch. */
  abstract take(count: number): Dataset<T>;

  /** All but the first `count` examples of every epoch. */
  abstract skip(count: number): Dataset<T>;

  /**
   * Batches of `size` examples, which fields of numbers become tensors `[batch, ...]`.
   *
   * @throws ShapeError, when the batch is made, where its examples differ in shape
   */
  abstract batch(size: number, options?: BatchOptions): BatchedDataset<Collated<T>>;
  abstract batch<B>(size: number, options: CollateOptions<T, B>): BatchedDataset<B>;

  /** The examples of epoch 0. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.examples()[Symbol.asyncIterator]();
  }

  /** The first `count` examples as one batch of tensors, which is yours to dispose of. */
  async first(count: number): Promise<Collated<T>> {
    for await (const batch of this.batch(count)) return batch;
    throw new ConfigError('Dataset.first', 'the dataset is empty');
  }

  /**
   * A dataset of an array of examples; of a typed array of numbers or one with a shape, whose first axis counts the
   * examples; of an iterable or async iterable; or of a function that gives one every epoch.
   *
   * An iterator that can be gone through only once (a generator's result, a stream) serves one epoch; give the
   * generator function for more.
   */
  static from(array: TypedArray): IndexedDataset<number>;
  static from(array: Column): IndexedDataset<NdArray>;
  static from<T>(examples: readonly T[]): IndexedDataset<T>;
  static from<T>(source: ExampleSource<T>): Dataset<T>;
  static from(source: TypedArray | Column | readonly unknown[] | ExampleSource<unknown>): Dataset<unknown> {
    if (isTypedArray(source) || isNdArray(source)) {
      const table = new ColumnTable({ value: source });
      return new IndexedDataset<number | NdArray>({
        length: table.length,
        at: (i) => table.at(i).value,
        gather: (indices) => table.gather(indices).value,
      });
    }
    if (!Array.isArray(source)) return new StreamDataset(reader(source as ExampleSource<unknown>), undefined);
    const examples = source as readonly unknown[];
    return new IndexedDataset({ length: examples.length, at: (i) => examples[i] });
  }

  /**
   * A dataset of typed arrays whose first axis counts the examples: the fast way, batches are cut from them without an
   * object an example. The arrays are used as they are, not copied.
   *
   * @param columns by field: `{ data, shape }`, or a bare array with one number an example
   * @throws ShapeError where data and shape, or two columns, do not agree
   *
   * @example
   * ```ts
   * Dataset.fromArrays({ x: { data: pixels, shape: [60_000, 28, 28, 1], scale: 1 / 255 }, y: Int32Array.from(labels) });
   * ```
   */
  static fromArrays<C extends Columns>(columns: C): IndexedDataset<RowOf<C>> {
    const table = new ColumnTable(columns);
    return new IndexedDataset<RowOf<C>>({
      length: table.length,
      at: (i) => table.at(i),
      gather: (indices) => table.gather(indices) as Collated<RowOf<C>>,
    });
  }

  /** A dataset of the rows of tensors. Their values are copied once; the tensors stay yours. */
  static fromTensors<F extends string>(tensors: Readonly<Record<F, Tensor>>): IndexedDataset<RowOf<Record<F, Column>>> {
    const columns: Record<string, Column> = Object.fromEntries(
      Object.entries<Tensor>(tensors).map(([name, tensor]) => [
        name,
        { data: tensor.dataSync().slice(), shape: tensor.shape, dtype: tensor.dtype as BatchDtype },
      ]),
    );
    return Dataset.fromArrays<Record<F, Column>>(columns);
  }
}

/** Examples that can be had by number. */
export interface IndexedSource<T> {
  readonly length: number;
  /** Example `index`; its own random choices, if any, may differ between epochs. */
  at(index: number, epoch: number): MaybePromise<T>;
  /** A batch at once, where that is faster than stacking examples. */
  gather?(indices: Uint32Array): Collated<T>;
}

/** A dataset in memory: the order of an epoch is known before an example is read. */
export class IndexedDataset<T> extends Dataset<T> {
  readonly size: number;
  readonly #source: IndexedSource<T>;
  readonly #order: (epoch: number) => Uint32Array;
  readonly #shuffled: boolean;

  /**
   * @param source the examples by number
   * @param size how many of them an epoch has
   * @param order which, and in what order
   * @param shuffled whether the order differs from epoch to epoch
   */
  constructor(
    source: IndexedSource<T>,
    size = source.length,
    order: (epoch: number) => Uint32Array = () => Uint32Array.from({ length: size }, (_, i) => i),
    shuffled = false,
  ) {
    super();
    this.size = size;
    this.#source = source;
    this.#order = order;
    this.#shuffled = shuffled;
  }

  /** The numbers of the examples of one epoch, in its order. */
  order(epoch = 0): Uint32Array {
    return this.#order(epoch);
  }

  /** Example `index` of the source, however the dataset is ordered. */
  at(index: number, epoch = 0): MaybePromise<T> {
    return this.#source.at(index, epoch);
  }

  /**
   * As `at`, for a method that cannot wait.
   *
   * @param method named in the error
   * @throws ConfigError after an asynchronous map
   */
  atNow(index: number, method: string): T {
    const example = this.at(index);
    if (example instanceof Promise) {
      throw new ConfigError(method, 'the examples are made by an asynchronous map', `${method} before that map`);
    }
    return example;
  }

  async *examples(epoch = 0): AsyncGenerator<T> {
    for (const index of this.order(epoch)) yield await this.at(index, epoch);
  }

  shuffle(key: Key): IndexedDataset<T> {
    const shuffledOrder = (epoch: number) => pick(this.order(epoch), key.fold(epoch).permutation(this.size));
    return new IndexedDataset(this.#source, this.size, shuffledOrder, true);
  }

  map<U>(f: (example: T, position: ExamplePosition) => MaybePromise<U>): IndexedDataset<U> {
    const at = (index: number, epoch: number) => {
      const example = this.at(index, epoch);
      const position = { epoch, index };
      return example instanceof Promise ? example.then((value) => f(value, position)) : f(example, position);
    };
    return new IndexedDataset<U>({ length: this.#source.length, at }, this.size, this.#order, this.#shuffled);
  }

  /** The examples for which `keep` holds; it is asked once for each, at once. */
  filter(keep: (example: T) => boolean): IndexedDataset<T> {
    const kept = new Uint8Array(this.#source.length);
    let size = 0;
    for (const index of this.order()) {
      if (keep(this.atNow(index, 'filter'))) {
        kept[index] = 1;
        size++;
      }
    }
    return this.#reordered(size, (order) => order.filter((index) => kept[index] === 1));
  }

  take(count: number): IndexedDataset<T> {
    const size = Math.min(whole('take', count), this.size);
    return this.#reordered(size, (order) => order.subarray(0, size));
  }

  skip(count: number): IndexedDataset<T> {
    const start = Math.min(whole('skip', count), this.size);
    return this.#reordered(this.size - start, (order) => order.subarray(start));
  }

  /**
   * Cuts the dataset into parts: `[0.8, 0.2]` for training and test. Where the fractions add up to 1, every example is in
   * one of them.
   *
   * @param fractions the share of each part
   * @param key shuffles before the cut, once; without it the parts follow each other, as time series need it
   * @throws ConfigError for fractions out of range, and for a dataset with `shuffle` before it: its parts would exchange
   *   examples from epoch to epoch
   */
  split<const F extends readonly number[]>(fractions: F, key?: Key): { -readonly [P in keyof F]: IndexedDataset<T> } {
    const total = fractions.reduce((a, b) => a + b, 0);
    if (fractions.length === 0 || fractions.some((share) => !(share >= 0)) || total > 1 + 1e-9) {
      throw new ConfigError('split', `the fractions [${fractions}] are not shares of 1`, 'for example [0.8, 0.2]');
    }
    if (this.#shuffled) {
      throw new ConfigError(
        'split',
        'the dataset is shuffled anew every epoch: its parts would exchange examples',
        'split first, with a key for a random cut, and shuffle the training part: split([0.8, 0.2], key)',
      );
    }
    const order = key === undefined ? this.order() : pick(this.order(), key.permutation(this.size));
    let sum = 0;
    let start = 0;
    const parts = fractions.map((share) => {
      sum += share;
      const end = Math.round(Math.min(sum, 1) * this.size);
      const part = order.subarray(start, end);
      start = end;
      return new IndexedDataset(this.#source, part.length, () => part);
    });
    return parts as { -readonly [P in keyof F]: IndexedDataset<T> };
  }

  batch(size: number, options?: BatchOptions): BatchedDataset<Collated<T>>;
  batch<B>(size: number, options: CollateOptions<T, B>): BatchedDataset<B>;
  batch(size: number, options: AnyBatchOptions<T> = {}): BatchedDataset<unknown> {
    whole('batch', size, 1);
    const count = options.dropLast ? Math.floor(this.size / size) : Math.ceil(this.size / size);
    return this.batchBy(count, options, (epoch) => {
      const order = this.order(epoch);
      return Array.from({ length: count }, (_, b) => order.subarray(b * size, (b + 1) * size));
    });
  }

  /**
   * Batches by a plan of your own: the numbers of the examples of each batch.
   *
   * @param count batches an epoch
   * @param plan gives the batches of an epoch
   */
  batchBy<B>(
    count: number,
    options: CollateOptions<T, B>,
    plan: (epoch: number) => readonly Uint32Array[],
  ): BatchedDataset<B>;
  batchBy(
    count: number,
    options: AnyBatchOptions<T>,
    plan: (epoch: number) => readonly Uint32Array[],
  ): BatchedDataset<unknown>;
  batchBy(
    count: number,
    options: AnyBatchOptions<T>,
    plan: (epoch: number) => readonly Uint32Array[],
  ): BatchedDataset<unknown> {
    const source = this.#source;
    const stack = collator(options);
    const gathers = source.gather !== undefined && !('collate' in options) && options.dtypes === undefined;
    return new BatchedDataset<unknown>(count, async function* (epoch, skip) {
      for (const indices of plan(epoch).slice(skip)) {
        yield gathers
          ? source.gather!(indices)
          : stack(await Promise.all(Array.from(indices, (index) => source.at(index, epoch))));
      }
    });
  }

  #reordered(size: number, change: (order: Uint32Array) => Uint32Array): IndexedDataset<T> {
    return new IndexedDataset(this.#source, size, (epoch) => change(this.order(epoch)), this.#shuffled);
  }
}

/** A dataset that is read from its start, example by example. */
export class StreamDataset<T> extends Dataset<T> {
  readonly size: number | undefined;
  readonly #read: (epoch: number) => AsyncIterable<T>;

  /**
   * @param read the examples of one epoch
   * @param size how many there are, where it is known
   */
  constructor(read: (epoch: number) => AsyncIterable<T>, size?: number) {
    super();
    this.#read = read;
    this.size = size;
  }

  examples(epoch = 0): AsyncIterable<T> {
    return this.#read(epoch);
  }

  shuffle(key: Key, { buffer = 1024 }: { buffer?: number } = {}): StreamDataset<T> {
    whole('shuffle', buffer, 1);
    return new StreamDataset((epoch) => shuffled(this.#read(epoch), key.fold(epoch), buffer), this.size);
  }

  map<U>(f: (example: T, position: ExamplePosition) => MaybePromise<U>): StreamDataset<U> {
    const read = this.#read;
    return new StreamDataset<U>(async function* (epoch) {
      let index = 0;
      for await (const example of read(epoch)) yield await f(example, { epoch, index: index++ });
    }, this.size);
  }

  filter(keep: (example: T) => boolean): StreamDataset<T> {
    const read = this.#read;
    return new StreamDataset<T>(async function* (epoch) {
      for await (const example of read(epoch)) if (keep(example)) yield example;
    });
  }

  take(count: number): StreamDataset<T> {
    whole('take', count);
    const read = this.#read;
    return new StreamDataset<T>(
      async function* (epoch) {
        if (count === 0) return;
        let taken = 0;
        for await (const example of read(epoch)) {
          yield example;
          if (++taken === count) return;
        }
      },
      this.size === undefined ? undefined : Math.min(count, this.size),
    );
  }

  skip(count: number): StreamDataset<T> {
    whole('skip', count);
    const read = this.#read;
    return new StreamDataset<T>(
      async function* (epoch) {
        let passed = 0;
        for await (const example of read(epoch)) if (passed++ >= count) yield example;
      },
      this.size === undefined ? undefined : Math.max(0, this.size - count),
    );
  }

  batch(size: number, options?: BatchOptions): BatchedDataset<Collated<T>>;
  batch<B>(size: number, options: CollateOptions<T, B>): BatchedDataset<B>;
  batch(size: number, options: AnyBatchOptions<T> = {}): BatchedDataset<unknown> {
    whole('batch', size, 1);
    const read = this.#read;
    const stack = collator(options);
    const dropLast = options.dropLast ?? false;
    const count = this.size === undefined ? undefined : (dropLast ? Math.floor : Math.ceil)(this.size / size);
    return new BatchedDataset<unknown>(count, async function* (epoch, skip) {
      let index = 0;
      for await (const examples of chunks(read(epoch), size)) {
        if (index++ >= skip && !(dropLast && examples.length < size)) yield stack(examples);
      }
    });
  }
}

/** Either form of the options of `batch`. */
export type AnyBatchOptions<T> = BatchOptions | CollateOptions<T, unknown>;

function collator<T>(options: AnyBatchOptions<T>): (examples: readonly T[]) => unknown {
  return 'collate' in options ? options.collate : (examples) => collate(examples, options.dtypes);
}

function pick(order: Uint32Array, places: Uint32Array): Uint32Array {
  return places.map((place) => order[place]!);
}

function whole(method: string, count: number, least = 0): number {
  if (!Number.isInteger(count) || count < least) {
    throw new ConfigError(method, `${count} is not a number of examples`, `give a whole number from ${least}`);
  }
  return count;
}
