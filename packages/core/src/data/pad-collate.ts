import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { type Collated, collate, type Dtypes } from './collate';
import { type NdArray, type NestedNumbers, sizeOf, type TypedArray, toNdArray } from './nd-array';

/** What may be padded: a sequence of numbers, or of rows of numbers. */
type Sequence = TypedArray | NdArray | NestedNumbers;

/** How sequences are made equally long. */
export interface PadOptions {
  /**
   * What fills the end of short sequences.
   * @default 0
   */
  padding?: number;
  /** Longer sequences are cut to this many steps. */
  maxLength?: number;
  /**
   * Which fields are sequences.
   * @default every field with at least one axis
   */
  fields?: readonly string[];
  /** As in `collate`. */
  dtypes?: Dtypes;
}

/** A batch of sequences: padded at the end, with the number of real steps of each. */
export type Padded<T> = T extends Sequence
  ? { x: Tensor; lengths: Tensor }
  : { [F in keyof T]: Collated<T[F]> } & {
      lengths: { [F in keyof T as T[F] extends Sequence ? F : never]: Tensor };
    };

/**
 * A collate function for sequences of different lengths: they are padded to the longest of the batch.
 * PyTorch's `pad_sequence(batch_first=True)`.
 *
 * Examples that are sequences `[length, ...]` give `{ x: [batch, longest, ...], lengths: [batch] }`; examples with fields
 * give each field padded, and `lengths` with the field's name. `lengths` are int32, what recurrent layers take as `ctx.lengths`.
 *
 * @throws ShapeError where sequences differ in more than their length
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { Dataset, disposeBatch, padCollate } from '@dl/core/data';
 *
 * await init();
 * const data = Dataset.from([{ words: Int32Array.of(5, 2), y: 0 }, { words: Int32Array.of(7, 1, 4), y: 1 }]);
 * for await (const batch of data.batch(2, { collate: padCollate({ dtypes: { y: 'int32' } }) })) {
 *   batch.words.dataSync(); // [5, 2, 0, 7, 1, 4]
 *   batch.lengths.words.dataSync(); // [2, 3]
 *   disposeBatch(batch);
 * }
 * ```
 */
export function padCollate(options: PadOptions = {}): <T>(examples: readonly T[]) => Padded<T> {
  const { padding = 0, maxLength = Number.POSITIVE_INFINITY, fields, dtypes } = options;

  const pad = (values: readonly unknown[]): { padded: unknown[]; lengths: Int32Array } => {
    const arrays = values.map((value) => toNdArray(value));
    const lengths = Int32Array.from(arrays, (array) => Math.min(array?.shape[0] ?? 0, maxLength));
    const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
    return {
      padded: arrays.map((array, i) => (array?.shape.length ? padTo(array, longest, padding) : values[i])),
      lengths,
    };
  };

  return <T>(examples: readonly T[]): Padded<T> => {
    const first = examples[0];
    if (toNdArray(first) !== undefined) {
      const { padded, lengths } = pad(examples);
      return {
        x: collate(padded, dtypes),
        lengths: tensor(lengths, [lengths.length], 'int32'),
      } as unknown as Padded<T>;
    }
    const rows = examples.map((example) => ({ ...(example as Record<string, unknown>) }));
    const lengthsOf: Record<string, Int32Array> = {};
    for (const [field, value] of Object.entries(first as Record<string, unknown>)) {
      if (fields ? !fields.includes(field) : !toNdArray(value)?.shape.length) continue;
      const { padded, lengths } = pad(rows.map((row) => row[field]));
      for (const [i, row] of rows.entries()) row[field] = padded[i];
      lengthsOf[field] = lengths;
    }
    const batch = collate(rows, dtypes);
    const lengths = Object.fromEntries(
      Object.entries(lengthsOf).map(([field, values]) => [field, tensor(values, [values.length], 'int32')]),
    );
    return { ...batch, lengths } as unknown as Padded<T>;
  };
}

/** A copy of a sequence with exactly `length` steps. */
function padTo({ data, shape }: NdArray, length: number, padding: number): NdArray {
  const [steps = 0, ...rest] = shape;
  const kept = Math.min(steps, length) * sizeOf(rest);
  const out = new (data.constructor as new (size: number) => TypedArray)(length * sizeOf(rest));
  out.set(data.subarray(0, kept));
  out.fill(padding, kept);
  return { data: out, shape: [length, ...rest] };
}
