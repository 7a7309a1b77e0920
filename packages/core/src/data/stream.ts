import { ConfigError } from '../errors';
import type { Key } from '../random';

/** What examples can be read from. A function is called every epoch. */
export type ExampleSource<T> =
  | Iterable<T>
  | AsyncIterable<T>
  | ((epoch: number) => Iterable<T> | AsyncIterable<T> | Promise<Iterable<T> | AsyncIterable<T>>);

/** Makes a source readable once an epoch; one that is used up after the first says so instead of giving nothing. */
export function reader<T>(source: ExampleSource<T>): (epoch: number) => AsyncIterable<T> {
  let gaveSome = false;
  return async function* (epoch) {
    let empty = true;
    for await (const example of typeof source === 'function' ? await source(epoch) : source) {
      empty = false;
      gaveSome = true;
      yield example;
    }
    if (empty && gaveSome) {
      throw new ConfigError(
        'Dataset',
        `the source has nothing left for epoch ${epoch}: its iterator can be gone through only once`,
        'give a function that makes a new iterator each epoch: Dataset.from(() => read())',
      );
    }
  };
}

/** Draws the next example from a buffer that the stream keeps full. */
export async function* shuffled<T>(source: AsyncIterable<T>, key: Key, buffer: number): AsyncGenerator<T> {
  const held: T[] = [];
  let draws: Uint32Array = new Uint32Array(0);
  let drawn = 0;
  // A slot of the buffer from 32 random bits: with buffers far below 2^32 the bias is far below what can be seen.
  const slot = (size: number) => {
    if (drawn % CHUNK === 0) draws = key.fold(drawn / CHUNK).bits(CHUNK);
    return draws[drawn++ % CHUNK]! % size;
  };
  for await (const example of source) {
    if (held.length < buffer) {
      held.push(example);
      continue;
    }
    const at = slot(buffer);
    const next = held[at]!;
    held[at] = example;
    yield next;
  }
  while (held.length > 0) {
    const at = slot(held.length);
    const next = held[at]!;
    held[at] = held[held.length - 1]!;
    held.pop();
    yield next;
  }
}

const CHUNK = 1024;

/** Groups of `size` examples; the last may be smaller. */
export async function* chunks<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const example of source) {
    group.push(example);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}
