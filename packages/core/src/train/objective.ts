import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError, formatShape, ShapeError } from '../errors';
import type { Context } from '../nn/context';
import type { Module } from '../nn/module';

/** A loss of what the model gives and what it should give: a scalar. Every function of `@dl/core/losses` is one. */
export type LossOf<Out> = (prediction: Out, target: Tensor) => Tensor;

/**
 * A loss of the whole batch, for what a function of prediction and target cannot say: several inputs, several heads,
 * teacher forcing, a penalty.
 *
 * @example
 * ```ts
 * const loss = {
 *   compute: (model: Vae, { x }: { x: Tensor }, ctx: Context) => {
 *     const { output, mean, logVar } = model.forward(x, ctx);
 *     return add(mse(output, x), gaussianKl(mean, logVar));
 *   },
 * };
 * ```
 */
export interface Objective<M, B> {
  /**
   * @param model what is trained
   * @param batch as the data gives it
   * @param ctx to be handed to every `forward`; carries the key of this step
   * @returns a scalar; with `prediction` and `target` beside it where metrics are wanted
   */
  compute(model: M, batch: B, ctx: Context): Tensor | { loss: Tensor; prediction: Tensor; target: Tensor };
}

/** What is minimised: a loss function, or an objective. */
export type TrainingLoss<In, Out, B> = LossOf<Out> | Objective<Module<In, Out>, B>;

/** Which parts of a batch go where. */
export interface Selection<In, B> {
  /**
   * What the model is given.
   * @default field `x` of the batch, or the first element of an array
   */
  input?: ((batch: B) => In) | undefined;
  /**
   * What the loss and the metrics compare with; an autoencoder sets `target: ({ x }) => x`.
   * @default field `y` of the batch, or the second element of an array
   */
  target?: ((batch: B) => Tensor) | undefined;
}

/** One forward pass with its loss. The tensors belong to the scope that it ran in. */
export interface Outcome {
  loss: Tensor;
  /** Undefined where an objective gives the loss alone. */
  prediction: Tensor | undefined;
  target: Tensor | undefined;
}

/** Runs the model on a batch and computes the loss. */
export type Forward<B> = (batch: B, ctx: Context) => Outcome;

/** Brings the forms of a loss into one. */
export function forwardOf<In, Out, B>(
  model: Module<In, Out>,
  loss: TrainingLoss<In, Out, B>,
  { input, target }: Selection<In, B>,
): Forward<B> {
  if (typeof loss === 'function') {
    return (batch, ctx) => {
      const wanted = target === undefined ? part<Tensor>(batch, 'y', 1, 'target') : target(batch);
      const prediction = model.forward(inputOf(batch, input), contextOf(batch, ctx));
      return { loss: scalarLoss(loss(prediction, wanted)), prediction: tensorOf(prediction), target: wanted };
    };
  }
  if (typeof loss?.compute !== 'function') {
    throw new ConfigError(
      'loss',
      'is neither a function of (prediction, target) nor an object with compute(model, batch, ctx)',
      'take one of @dl/core/losses, or write { compute: (model, batch, ctx) => ... }',
    );
  }
  return (batch, ctx) => {
    const result = loss.compute(model, batch, contextOf(batch, ctx));
    return 'dataId' in result
      ? { loss: scalarLoss(result), prediction: undefined, target: undefined }
      : { ...result, loss: scalarLoss(result.loss) };
  };
}

/** What the model is given of a batch. */
export function inputOf<In, B>(batch: B, input: Selection<In, B>['input']): In {
  return input === undefined ? part<In>(batch, 'x', 0, 'input') : input(batch);
}

/** A batch may carry lengths and a mask: they travel in the context. */
export function contextOf(batch: unknown, ctx: Context): Context {
  const { lengths, mask } = batch as Partial<Pick<Context, 'lengths' | 'mask'>>;
  if (lengths === undefined && mask === undefined) return ctx;
  return { ...ctx, ...(lengths !== undefined && { lengths }), ...(mask !== undefined && { mask }) };
}

function part<T>(batch: unknown, field: string, index: number, option: string): T {
  const value: unknown = Array.isArray(batch) ? batch[index] : (batch as Record<string, unknown> | null)?.[field];
  if (value === undefined) {
    const has = Array.isArray(batch) ? `${batch.length} elements` : `the fields ${Object.keys(batch ?? {}).join(', ')}`;
    throw new ConfigError(
      'fit',
      `the ${option} is not in the batch, which has ${has}`,
      `say where it is: ${option}: (batch) => ...`,
    );
  }
  return value as T;
}

function scalarLoss(loss: Tensor): Tensor {
  if (loss.size === 1) return loss;
  throw new ShapeError(
    'loss',
    `the loss must be one number, it is ${formatShape(loss.shape)}`,
    [{ label: 'loss', shape: loss.shape }],
    'average it, as the losses of @dl/core/losses do',
  );
}

function tensorOf(prediction: unknown): Tensor | undefined {
  return typeof prediction === 'object' && prediction !== null && 'dataId' in prediction
    ? (prediction as Tensor)
    : undefined;
}
