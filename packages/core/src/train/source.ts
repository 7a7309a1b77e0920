import { disposeBatch } from '../data/batched-dataset';

/**
 * Goes through batches, each of which is freed when it is released, when the next is asked for, and at the end.
 * Synchronous sources are not awaited.
 */
export class Source<B> {
  readonly #iterator: Iterator<B> | AsyncIterator<B>;
  readonly #signal: AbortSignal | undefined;
  #batch: B | undefined;
  #isWaiting = false;

  constructor(batches: Iterable<B> | AsyncIterable<B>, signal?: AbortSignal) {
    this.#iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
    this.#signal = signal;
  }

  /** The next batch, at once or as a promise; undefined at the end. */
  next(): B | undefined | Promise<B | undefined> {
    this.release();
    const result = this.#iterator.next();
    return 'then' in result ? this.#wait(result) : this.#take(result);
  }

  /** Frees the present batch and tells the data that no more is wanted. */
  async close(): Promise<void> {
    this.release();
    const closed = this.#iterator.return?.();
    // A source that is stuck would be waited for without end.
    if (this.#isWaiting) Promise.resolve(closed).catch(() => undefined);
    else await closed;
  }

  async #wait(result: Promise<IteratorResult<B>>): Promise<B | undefined> {
    const signal = this.#signal;
    if (signal === undefined) return this.#take(await result);
    let stop = () => {};
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason as Error);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    this.#isWaiting = true;
    try {
      const settled = await Promise.race([result, aborted]);
      this.#isWaiting = false;
      return this.#take(settled);
    } catch (error) {
      // What comes too late is nobody's.
      result.then(
        ({ done, value }) => done || disposeBatch(value),
        () => undefined,
      );
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #take({ done, value }: IteratorResult<B>): B | undefined {
    this.#batch = done ? undefined : value;
    return this.#batch;
  }

  /** Frees the present batch. */
  release(): void {
    if (this.#batch !== undefined) disposeBatch(this.#batch);
    this.#batch = undefined;
  }
}
