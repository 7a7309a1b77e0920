import { ConfigError } from '@dl/core';
import type { Batches } from '@dl/core/data';
import { type Tensor, tensor } from '@dl/core/ops';

/** A piece of each stream. */
export interface StreamBatch {
  /** int32 `[batch, steps]` */
  x: Tensor;
  /** int32 `[batch, steps]` the tokens one step later. */
  y: Tensor;
  /** Whether the streams begin here; else they go on where the batch before ended. */
  first: boolean;
}

/** How a long sequence is cut. */
export interface StreamOptions {
  /** Streams that are read side by side. */
  batch: number;
  /** Steps of a piece: how far gradients reach back. */
  steps: number;
}

/**
 * Cuts a long sequence of tokens into `batch` streams that are read side by side, piece after piece, so that each piece
 * goes on where the one before it ended: for `truncatedBackprop`, which carries the state over. PyTorch's `batchify` of
 * `word_language_model`. What does not fill a stream is left out; the last pieces may be shorter.
 *
 * @throws ConfigError where a stream would have fewer than two tokens
 */
export function streams(tokens: ArrayLike<number>, { batch, steps }: StreamOptions): Batches<StreamBatch> {
  for (const [name, value] of Object.entries({ batch, steps })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError('streams', `${name} must be a positive integer, it is ${value}`);
    }
  }
  const length = Math.floor(tokens.length / batch);
  if (length < 2) {
    throw new ConfigError('streams', `${tokens.length} tokens make no ${batch} streams of at least two`);
  }
  const all = Int32Array.from(tokens);
  const size = Math.ceil((length - 1) / steps);
  const piece = (start: number, count: number): Tensor => {
    const rows = new Int32Array(batch * count);
    for (let b = 0; b < batch; b++) rows.set(all.subarray(b * length + start, b * length + start + count), b * count);
    return tensor(rows, [batch, count], 'int32');
  };
  return {
    size,
    *batches(_epoch: number, skip = 0) {
      for (let i = skip; i < size; i++) {
        const start = i * steps;
        const count = Math.min(steps, length - 1 - start);
        yield { x: piece(start, count), y: piece(start + 1, count), first: i === 0 };
      }
    },
  };
}
