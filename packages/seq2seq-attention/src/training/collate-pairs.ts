import { ConfigError } from '@dl/core';
import { type Tensor, tensor } from '@dl/core/ops';
import type { Seq2SeqBatch } from './seq2seq-loss';

/** A source and its target as token numbers, without `<s>` and `</s>`. */
export interface TokenPair {
  source: ArrayLike<number>;
  target: ArrayLike<number>;
  /** For models that copy: the number of each source token in the target vocabulary, or behind it. */
  copyIds?: ArrayLike<number> | undefined;
}

/** Numbers of the special tokens. */
export interface CollateOptions {
  /** @default 0 */
  pad?: number;
  /** @default 2 */
  bos?: number;
  /** @default 3 */
  eos?: number;
  /** Tokens of the target vocabulary; needed where there are `copyIds`. */
  targetSize?: number;
}

/**
 * A collate function for pairs: sources and targets padded to the longest of the batch, with `<s>` before what the decoder is
 * given and `</s>` behind what it is to write. Empty sequences are allowed.
 *
 * `{ source: [batch, sourceTime], sourceLengths: [batch], target: [batch, targetTime], labels: [batch, targetTime] }`, int32.
 *
 * @throws ConfigError where there is no pair
 */
export function collatePairs(options: CollateOptions = {}): (pairs: readonly TokenPair[]) => Seq2SeqBatch {
  const { pad = 0, bos = 2, eos = 3, targetSize = 0 } = options;
  return (pairs) => {
    if (pairs.length === 0) throw new ConfigError('collatePairs', 'there is no pair');
    const copies = pairs.every(({ copyIds }) => copyIds !== undefined);
    const beyond = pairs.flatMap(({ copyIds }) => (copies ? Array.from(copyIds!, (id) => id + 1) : []));
    return {
      source: padded(
        pairs.map(({ source }) => Array.from(source)),
        pad,
      ),
      sourceLengths: tensor(
        Int32Array.from(pairs, ({ source }) => source.length),
        [pairs.length],
        'int32',
      ),
      target: padded(
        pairs.map(({ target }) => [bos, ...Array.from(target)]),
        pad,
      ),
      labels: padded(
        pairs.map(({ target }) => [...Array.from(target), eos]),
        pad,
      ),
      ...(copies && {
        copyIds: padded(
          pairs.map(({ copyIds }) => Array.from(copyIds!)),
          pad,
        ),
        copySize: beyond.reduce((most, size) => Math.max(most, size), targetSize),
      }),
    };
  };
}

/** Rows of one length; at least one token, so that a batch of empty sequences has a time axis. */
function padded(rows: readonly (readonly number[])[], pad: number): Tensor {
  const time = rows.reduce((most, row) => Math.max(most, row.length), 1);
  const values = new Int32Array(rows.length * time).fill(pad);
  for (const [i, row] of rows.entries()) values.set(row, i * time);
  return tensor(values, [rows.length, time], 'int32');
}
