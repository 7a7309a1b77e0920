import { concat, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Batches } from '../data/batches';
import { ConfigError, ShapeError } from '../errors';
import { EVAL } from '../nn/context';
import type { Module } from '../nn/module';
import { isSliceOver, nextSlice } from './event-loop';
import { contextOf, inputOf, type Selection } from './objective';
import { Source } from './source';
import { requireCount } from './train-step';

/** How predictions are made. */
export interface PredictOptions<B = unknown> extends Pick<Selection<Tensor, B>, 'input'> {
  /**
   * Examples at a time, where a tensor is given.
   * @default 256
   */
  batch?: number | undefined;
  /** Stops after the present batch: throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * What the model says of many examples, batch by batch: memory for one batch of intermediate results, and a page that
 * stays alive. For few examples at once there is `model.predict(x)`.
 *
 * @param model gives one tensor, batch axis first
 * @param data a tensor [examples, ...], which stays yours, or batches, which are freed
 * @returns the predictions of all examples in their order, [examples, ...]; yours to dispose of
 *
 * @example
 * ```ts
 * using classes = await predict(model, images, { batch: 512 });
 * ```
 */
export async function predict<B = { x: Tensor }>(
  model: Module<Tensor, Tensor>,
  data: Tensor | Batches<B>,
  options: PredictOptions<B> = {},
): Promise<Tensor> {
  const { signal } = options;
  const parts: Tensor[] = [];
  const source =
    'dataId' in data
      ? new Source(pieces(data, requireCount('predict', 'batch', options.batch ?? 256)))
      : new Source<B | { x: Tensor }>(data.batches(0), signal);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = source.next();
      const batch = next instanceof Promise ? await next : next;
      if (batch === undefined) break;
      parts.push(
        tidy(() => {
          const x = 'dataId' in data ? (batch as { x: Tensor }).x : inputOf(batch as B, options.input);
          const y = model.forward(x, contextOf(batch, EVAL));
          return y === x ? y.clone() : y;
        }),
      );
      source.release();
      if (isSliceOver()) await nextSlice();
    }
    if (parts.length === 0) throw new ConfigError('predict', 'the data has no batch');
    return parts.length === 1 ? parts.pop()! : concat(parts, 0);
  } finally {
    for (const part of parts) part.dispose();
    await source.close();
  }
}

function* pieces(x: Tensor, size: number): Iterable<{ x: Tensor }> {
  if (x.rank === 0) throw new ShapeError('predict', 'a scalar has no batch axis', [{ label: 'input', shape: x.shape }]);
  const count = x.shape[0];
  for (let from = 0; from < Math.max(count, 1); from += size) {
    const begin = x.shape.map((_, axis) => (axis === 0 ? from : 0));
    yield { x: slice(x, begin, [Math.min(size, count - from), ...x.shape.slice(1)]) };
  }
}
