import { ConfigError } from '../errors';
import { BatchedDataset } from './batched-dataset';
import { type Dataset, IndexedDataset } from './dataset';
import { type Padded, padCollate } from './pad-collate';

/** How examples are grouped by length. */
export interface BucketOptions<T, B> {
  /** Examples a batch. */
  size: number;
  /** The length of an example: its number of steps. */
  length: (example: T) => number;
  /**
   * Rising lengths at which a new bucket begins: `[10, 20]` gives the buckets below 10, 10 to 19, and 20 and more.
   * @default for data in memory, lengths that fill eight buckets alike; streams must be told
   */
  boundaries?: readonly number[];
  /**
   * Leaves out the incomplete batches at the end, up to one a bucket.
   * @default false
   */
  dropLast?: boolean;
  /**
   * Makes the tensors.
   * @default padCollate()
   */
  collate?: (examples: readonly T[]) => B;
}

/**
 * Batches of examples of like length, so that little is padded. A batch is given out when its bucket is full, so after
 * a `shuffle` lengths come in random order. tf.data's `bucket_by_sequence_length`.
 *
 * @throws ConfigError where the boundaries do not rise, or a stream has none
 *
 * @example
 * ```ts
 * import { key } from '@dl/core';
 * import { bucketByLength, Dataset } from '@dl/core/data';
 *
 * const sentences = Dataset.from(Array.from({ length: 1000 }, (_, i) => ({ words: new Int32Array(1 + (i % 40)) })));
 * const batches = bucketByLength(sentences.shuffle(key(0)), { size: 64, length: ({ words }) => words.length });
 * // { words: [64, longest of the batch], lengths: { words: [64] } }
 * ```
 */
export function bucketByLength<T, B = Padded<T>>(dataset: Dataset<T>, options: BucketOptions<T, B>): BatchedDataset<B> {
  const { size, length, boundaries, dropLast = false } = options;
  const collate = options.collate ?? (padCollate() as unknown as (examples: readonly T[]) => B);
  if (!Number.isInteger(size) || size < 1) {
    throw new ConfigError('bucketByLength', `size is ${size}`, 'give a whole number of examples from 1');
  }
  if (boundaries?.some((at, i) => !(at > (boundaries[i - 1] ?? Number.NEGATIVE_INFINITY)))) {
    throw new ConfigError('bucketByLength', `the boundaries [${boundaries}] do not rise`);
  }

  if (dataset instanceof IndexedDataset) {
    const indexed = dataset as IndexedDataset<T>;
    const lengths = new Map<number, number>();
    const lengthOf = (index: number) => {
      let known = lengths.get(index);
      if (known === undefined) {
        known = length(indexed.atNow(index, 'bucketByLength'));
        lengths.set(index, known);
      }
      return known;
    };
    const limits = boundaries ?? quantiles(Array.from(indexed.order(), lengthOf), 8);
    const plan = (epoch: number) => {
      const buckets = new Buckets<number>(limits, size);
      const batches: Uint32Array[] = [];
      for (const index of indexed.order(epoch)) {
        const full = buckets.add(index, lengthOf(index));
        if (full !== undefined) batches.push(Uint32Array.from(full));
      }
      if (!dropLast) batches.push(...buckets.rest().map((group) => Uint32Array.from(group)));
      return batches;
    };
    return indexed.batchBy(plan(0).length, { collate }, plan);
  }

  if (boundaries === undefined) {
    throw new ConfigError('bucketByLength', 'a stream needs boundaries', 'for example boundaries: [8, 16, 32, 64]');
  }
  return new BatchedDataset<B>(undefined, async function* (epoch, skip) {
    const buckets = new Buckets<T>(boundaries, size);
    let index = 0;
    for await (const example of dataset.examples(epoch)) {
      const full = buckets.add(example, length(example));
      if (full !== undefined && index++ >= skip) yield collate(full);
    }
    if (!dropLast) for (const group of buckets.rest()) if (index++ >= skip) yield collate(group);
  });
}

/** Groups being filled, one a range of lengths. */
class Buckets<T> {
  readonly #limits: readonly number[];
  readonly #size: number;
  readonly #groups: T[][];

  constructor(limits: readonly number[], size: number) {
    this.#limits = limits;
    this.#size = size;
    this.#groups = Array.from({ length: limits.length + 1 }, () => []);
  }

  /** Adds an item; gives its group back once that is full. */
  add(item: T, length: number): T[] | undefined {
    const above = this.#limits.findIndex((limit) => length < limit);
    const bucket = above < 0 ? this.#limits.length : above;
    const group = this.#groups[bucket]!;
    group.push(item);
    if (group.length < this.#size) return undefined;
    this.#groups[bucket] = [];
    return group;
  }

  /** The groups that were not filled. */
  rest(): T[][] {
    return this.#groups.filter((group) => group.length > 0);
  }
}

/** Values that cut the sorted ones into `parts` of about one size; fewer where values repeat. */
function quantiles(values: number[], parts: number): number[] {
  const sorted = values.sort((a, b) => a - b);
  const cuts = Array.from({ length: parts - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / parts)]!);
  return [...new Set(sorted.length > 0 ? cuts : [])];
}
