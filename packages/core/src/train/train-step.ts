import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import type { Module } from '../nn/module';
import type { Optimizer } from '../optim/optimizer';
import type { Key } from '../random';
import { type FiniteCheck, GradientStep } from './gradient-step';
import type { Selection, TrainingLoss } from './objective';

/** How steps are made. */
export interface TrainStepOptions<In, B> extends Selection<In, B> {
  /**
   * Batches an update: their gradients are averaged, as if they were one batch of that many times the size.
   * @default 1
   */
  accumulate?: number | undefined;
  /**
   * `loss`: a loss that is NaN or Infinity ends training, naming what caused it, before it reaches the parameters; costs
   * nothing. `every`: the batch before, and every gradient after, at each step. `false`: nothing is checked.
   * @default 'loss'
   */
  checkFinite?: FiniteCheck | undefined;
}

/** What a step gave. */
export interface StepResult {
  /** The loss of this batch, before the update. */
  loss: number;
  /** Whether the optimizer made its step, or gradients are still being gathered. */
  updated: boolean;
}

/** One step of training; call it with batch after batch. */
export interface TrainStep<B> {
  /**
   * @param batch stays yours: dispose of it afterwards
   * @param options `key`: randomness of dropout and its like; the number of the call is folded into it, so the same key
   *   serves for all steps
   */
  (batch: B, options?: { key?: Key | undefined }): StepResult;
  /** Frees the gradients of an update that was begun with `accumulate` and not ended. */
  dispose(): void;
}

/**
 * For those who write the loop: gives the function that trains a model on one batch, forward, backward and update, and
 * frees all it made. The modules and parameters of the model must not be exchanged meanwhile; `trainable` may change.
 *
 * @param model what is trained
 * @param loss of `@dl/core/losses`, any `(prediction, target) => Tensor`, or an `Objective`
 * @param optimizer of `@dl/core/optim`
 * @throws NumericsError, at a step, for a loss that is not finite; nothing is updated then
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { mse } from '@dl/core/losses';
 * import { Linear } from '@dl/core/nn';
 * import { tensor } from '@dl/core/ops';
 * import { sgd } from '@dl/core/optim';
 * import { trainStep } from '@dl/core/train';
 *
 * await init();
 * const model = new Linear({ in: 1, out: 1, key: key(0) });
 * const step = trainStep(model, mse, sgd({ lr: 0.1 }));
 * using x = tensor([[0], [1], [2]]);
 * using y = tensor([[1], [3], [5]]);
 * for (let i = 0; i < 100; i++) step({ x, y });
 * console.log(model.weight.value.dataSync()); // about [2]
 * ```
 */
export function trainStep<In = Tensor, Out = Tensor, B = { x: In; y: Tensor }>(
  model: Module<In, Out>,
  loss: TrainingLoss<In, Out, B>,
  optimizer: Optimizer,
  options: TrainStepOptions<In, B> = {},
): TrainStep<B> {
  const accumulate = requireCount('trainStep', 'accumulate', options.accumulate ?? 1);
  const work = new GradientStep(model, loss, optimizer, options.checkFinite ?? 'loss', options);
  let calls = 0;
  const step = (batch: B, { key }: { key?: Key | undefined } = {}): StepResult => {
    const number = calls++;
    const { loss } = work.backward(batch, { train: true, ...(key && { key: key.fold(number) }) });
    const updated = work.pending === accumulate;
    if (updated) work.update();
    return { loss, updated };
  };
  return Object.assign(step, { dispose: () => work.discard() });
}

/** Refuses anything but a whole number from 1. */
export function requireCount(where: string, name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigError(where, `${name} is ${value}`, 'give a whole number from 1');
}
