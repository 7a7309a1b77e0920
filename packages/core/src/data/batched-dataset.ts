import { dispose, type Tensor, tensor_util, tidy } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Batches } from './batches';

/** Where a batch stands: what random augmentation derives its key from. */
export interface BatchPosition {
  epoch: number;
  /** Number of the batch in its epoch, from 0. */
  index: number;
}

type Make<B> = (epoch: number, skip: number) => AsyncIterable<B>;

/** Frees the tensors of a batch, however they are nested. */
export function disposeBatch(batch: unknown): void {
  dispose(batch as Parameters<typeof dispose>[0]);
}

/**
 * A dataset cut into batches of tensors: what `fit` and `evaluate` take, and what a loop of your own iterates.
 *
 * @example
 * ```ts
 * for await (const batch of train.shuffle(key(0)).batch(64)) {
 *   // ... batch.x, batch.y
 *   disposeBatch(batch); // batches are yours
 * }
 * ```
 */
export class BatchedDataset<B> implements Batches<B>, AsyncIterable<B> {
  readonly size: number | undefined;
  readonly #make: Make<B>;

  /** @internal */
  constructor(size: number | undefined, make: Make<B>) {
    this.size = size;
    this.#make = make;
  }

  batches(epoch = 0, skip = 0): AsyncIterable<B> {
    return this.#make(epoch, skip);
  }

  /** The batches of epoch 0. */
  [Symbol.asyncIterator](): AsyncIterator<B> {
    return this.batches()[Symbol.asyncIterator]();
  }

  /**
   * Changes every batch: augmentation, encodings. The tensors given to `f` are freed unless it returns them, and so is
   * all that it makes on its way; `f` is synchronous.
   *
   * @example
   * ```ts
   * const noisy = train.batch(64).map(({ x, y }, { epoch, index }) => {
   *   const noise = noiseKey.fold(epoch).fold(index).normal(x.shape, { std: 0.1 });
   *   return { x: add(x, tensor(noise, x.shape)), y };
   * });
   * ```
   */
  map<C extends Parameters<typeof dispose>[0]>(f: (batch: B, position: BatchPosition) => C): BatchedDataset<C> {
    const make = this.#make;
    return new BatchedDataset<C>(this.size, async function* (epoch, skip) {
      let index = skip;
      for await (const batch of make(epoch, skip)) {
        let result!: C;
        try {
          result = tidy(() => f(batch, { epoch, index }) as never);
        } finally {
          disposeExcept(batch, result);
        }
        index++;
        yield result;
      }
    });
  }

  /**
   * Makes up to `count` batches ahead while the present one is worked on. Of use where examples come from files or the
   * network; examples in memory gain nothing.
   *
   * @param count how many to hold ready
   */
  prefetch(count = 1): BatchedDataset<B> {
    if (!Number.isInteger(count) || count < 1) {
      throw new ConfigError('prefetch', `count is ${count}`, 'give a whole number of batches from 1');
    }
    const make = this.#make;
    return new BatchedDataset<B>(this.size, async function* (epoch, skip) {
      const source = make(epoch, skip)[Symbol.asyncIterator]();
      const ahead: Promise<IteratorResult<B>>[] = [];
      const ask = () => {
        const next = source.next();
        next.catch(() => {}); // reported when its turn comes
        ahead.push(next);
      };
      try {
        for (;;) {
          while (ahead.length <= count) ask();
          const next = await ahead.shift()!;
          if (next.done) return;
          yield next.value;
        }
      } finally {
        for (const result of await Promise.allSettled(ahead)) {
          if (result.status === 'fulfilled' && !result.value.done) disposeBatch(result.value.value);
        }
        await source.return?.();
      }
    });
  }
}

function disposeExcept(batch: unknown, kept: unknown): void {
  const keep = new Set(tensorsIn(kept));
  for (const tensor of tensorsIn(batch)) if (!keep.has(tensor)) tensor.dispose();
}

function tensorsIn(container: unknown): Tensor[] {
  return tensor_util.getTensorsInContainer(container as Parameters<typeof dispose>[0]);
}
