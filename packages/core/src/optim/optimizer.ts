import type { Tensor } from '@tensorflow/tfjs-core';
import type { Param } from '../nn/param';
import type { Schedule } from './schedules/schedule';

/**
 * Changes parameters by their gradients. Every factory of this folder (`sgd`, `adam`, ...) gives one.
 *
 * @example
 * ```ts
 * using optimizer = adam({ lr: 1e-3 });
 * optimizer.step(model.parameters(), gradients);
 * ```
 */
export interface Optimizer extends Disposable {
  /** What it is: `adam`; the first part of the names of its state. */
  readonly name: string;
  /** Steps taken so far. */
  readonly steps: number;
  /** The learning rate of the next step. */
  readonly lr: number;
  /**
   * One step: changes, in place, each parameter that has a gradient and is trainable. The gradients stay the caller's.
   * NaN and Infinity in a gradient reach the parameter, so that they are seen.
   *
   * @param params the parameters by name, as `model.parameters()` gives them; use the same names every time
   * @param grads the gradients by the same names and of the same shapes
   * @throws ConfigError for a gradient of a name that is no parameter, ShapeError, DtypeError; nothing is changed then
   */
  step(params: ReadonlyMap<string, Param>, grads: ReadonlyMap<string, Tensor>): void;
  /** Tells a schedule that waits for it (`reduceOnPlateau`) how training goes, usually once an epoch. */
  observe(metric: number): void;
  /** Its tensors by name, `adam.exp_avg/encoder.weight`, for a checkpoint. They stay the optimizer's. */
  state(): Map<string, Tensor>;
  /** Its numbers, for a checkpoint: the steps, and what the schedule remembers. They need all 64 bits to be kept. */
  scalars(): Record<string, number>;
  /**
   * Goes on where another of the same options stood: from then on every step is the same, bit for bit.
   *
   * @param tensors what `state()` gave; they stay the caller's
   * @param scalars what `scalars()` gave
   * @throws ConfigError where they are those of another optimizer, or incomplete; nothing is changed then
   */
  restore(tensors: ReadonlyMap<string, Tensor>, scalars: Readonly<Record<string, number>>): void;
  /** Frees its tensors. */
  dispose(): void;
}

/** What every optimizer may be told. */
export interface OptimizerOptions {
  /** Learning rate: a number, or a schedule, that is any function of the step (counted from 0). */
  lr?: number | Schedule;
  /**
   * Scales all gradients together so that the norm over all of them is at most this: PyTorch's `clip_grad_norm_`,
   * within the update. Not together with `clipValue`.
   */
  clipNorm?: number;
  /**
   * Limits every element of a gradient to [-clipValue, clipValue]: PyTorch's `clip_grad_value_`. So Infinity becomes the
   * limit; NaN stays NaN.
   */
  clipValue?: number;
}
