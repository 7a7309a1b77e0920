import type { Tensor } from '@tensorflow/tfjs-core';
import type { Module } from '../nn/module';
import { type FitOptions, Run } from './run';

/**
 * Trains a model. Gives a run, which goes while it is iterated: over epochs, over steps, or to the end by `finish()`.
 * Everything made on the way is freed; the page or server stays alive, since training leaves the thread every 16 ms.
 *
 * @param model what is trained, in place
 * @param options data, loss, optimizer, epochs; and what `FitOptions` lists
 * @throws ConfigError for options that cannot be; at a step, ShapeError and NumericsError
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { Dataset } from '@dl/core/data';
 * import { mse } from '@dl/core/losses';
 * import { linear, sequential, tanh } from '@dl/core/nn';
 * import { adam } from '@dl/core/optim';
 * import { fit } from '@dl/core/train';
 *
 * await init();
 * const points = Array.from({ length: 256 }, (_, i) => i / 128 - 1);
 * const data = Dataset.from(points.map((x) => ({ x: [x], y: [Math.sin(3 * x)] })));
 * const model = sequential({ input: [1], key: key(0) }, [linear({ out: 16 }), tanh(), linear({ out: 1 })]);
 *
 * const run = fit(model, { data: data.shuffle(key(1)).batch(32), loss: mse, optimizer: adam({ lr: 0.01 }), epochs: 50 });
 * for await (const epoch of run.epochs()) {
 *   console.log(epoch.index, epoch.loss);
 *   if (epoch.stalled('loss', { patience: 5 })) break; // early stopping
 * }
 * ```
 */
export function fit<In = Tensor, Out = Tensor, B = { x: In; y: Tensor }>(
  model: Module<In, Out>,
  options: FitOptions<In, Out, B>,
): Run<In, Out, B> {
  return new Run(model, options);
}
