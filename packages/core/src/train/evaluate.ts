import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Batches } from '../data/batches';
import { ConfigError } from '../errors';
import { EVAL } from '../nn/context';
import type { Module } from '../nn/module';
import { examplesIn } from './batch';
import { isSliceOver, nextSlice } from './event-loop';
import { MetricSet, type Metrics } from './metric-set';
import { forwardOf, type Selection, type TrainingLoss } from './objective';
import { Source } from './source';

/** What is evaluated. */
export interface EvaluateOptions<In, Out, B> extends Selection<In, B> {
  /** Averaged over the examples. */
  loss: TrainingLoss<In, Out, B>;
  /** Computed over all predictions. */
  metrics?: Metrics | undefined;
  /** Stops after the present batch: throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Loss and metrics of a model over data, in evaluation mode, as plain numbers. Frees the batches and all it makes.
 *
 * @returns `loss`, and each metric under its name
 *
 * @example
 * ```ts
 * const { loss, accuracy: share } = await evaluate(model, test.batch(256), { loss: crossEntropy, metrics: { accuracy } });
 * ```
 */
export async function evaluate<In = Tensor, Out = Tensor, B = { x: In; y: Tensor }>(
  model: Module<In, Out>,
  data: Batches<B>,
  options: EvaluateOptions<In, Out, B>,
): Promise<{ loss: number } & Record<string, number>> {
  const forward = forwardOf(model, options.loss, options);
  const watched = new MetricSet(options.metrics ?? {});
  const source = new Source(data.batches(0), options.signal);
  let lossSum = 0;
  let examples = 0;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const next = source.next();
      const batch = next instanceof Promise ? await next : next;
      if (batch === undefined) break;
      const count = examplesIn(batch);
      tidy(() => {
        const { loss, prediction, target } = forward(batch, EVAL);
        if (prediction !== undefined && target !== undefined) watched.update(prediction, target);
        lossSum += loss.dataSync()[0]! * count;
      });
      examples += count;
      source.release();
      if (isSliceOver()) await nextSlice();
    }
  } finally {
    await source.close();
  }
  if (examples === 0) throw new ConfigError('evaluate', 'the data has no batch');
  return { ...watched.results(), loss: lossSum / examples };
}
