import { keep, type Tensor } from '@tensorflow/tfjs-core';
import { gradients } from '../backend/tape';
import { ConfigError } from '../errors';
import type { Context } from '../nn/context';
import type { Module } from '../nn/module';
import type { Param } from '../nn/param';
import { GradientSum } from '../optim/gradient-sum';
import type { Optimizer } from '../optim/optimizer';
import { examplesIn } from './batch';
import { explainLoss, requireFiniteBatch, requireFiniteGradients } from './non-finite';
import { type Forward, forwardOf, type Selection, type TrainingLoss } from './objective';

/** How thoroughly training looks for NaN and Infinity. */
export type FiniteCheck = 'loss' | 'every' | false;

/** What a backward pass over one batch gave. */
export interface BatchOutcome {
  loss: number;
  examples: number;
}

/** Sees what the model said of a batch, while it is there: for metrics. */
export type PredictionObserver = (prediction: Tensor, target: Tensor) => void;

/**
 * The work of one step, in two halves: gradients of a batch, which add up until the update spends them. The module tree
 * is walked once.
 */
export class GradientStep<In, Out, B> {
  readonly #model: Module<In, Out>;
  readonly #optimizer: Optimizer;
  readonly #check: FiniteCheck;
  readonly #forward: Forward<B>;
  readonly #params: ReadonlyMap<string, Param>;
  /** Gradients not spent yet: of the first batch, or of several. */
  #first = new Map<string, Tensor>();
  readonly #sum = new GradientSum();
  #batches = 0;

  constructor(
    model: Module<In, Out>,
    loss: TrainingLoss<In, Out, B>,
    optimizer: Optimizer,
    check: FiniteCheck,
    selection: Selection<In, B>,
  ) {
    this.#model = model;
    this.#optimizer = optimizer;
    this.#check = check;
    this.#forward = forwardOf(model, loss, selection);
    this.#params = model.parameters();
  }

  /** Batches whose gradients wait for the update. */
  get pending(): number {
    return this.#batches;
  }

  /**
   * Forward and backward pass over a batch; the gradients are added to those that wait.
   *
   * @throws NumericsError for a loss (or, checking every step, a batch or gradient) that is not finite; the parameters are as before
   */
  backward(batch: B, ctx: Context, observe?: PredictionObserver): BatchOutcome {
    const names: string[] = [];
    const xs: Tensor[] = [];
    for (const [name, param] of this.#params) {
      if (param.trainable) {
        names.push(name);
        xs.push(param.value);
      }
    }
    if (xs.length === 0) {
      throw new ConfigError(this.#model.where, 'there is nothing to train', 'no parameter of the model is trainable');
    }

    if (this.#check === 'every') requireFiniteBatch(batch, this.#optimizer.steps);
    const { value, grads } = gradients(() => {
      const { loss, prediction, target } = this.#forward(batch, ctx);
      if (observe !== undefined && prediction !== undefined && target !== undefined) observe(prediction, target);
      return loss;
    }, xs);
    const loss = value.dataSync()[0]!;
    const fresh = new Map<string, Tensor>();
    for (let i = 0; i < names.length; i++) {
      const grad = grads[i];
      if (grad !== undefined) fresh.set(names[i]!, grad);
    }
    // The loss may be a parameter itself; then it is not ours.
    if (!xs.includes(value)) value.dispose();

    try {
      if (this.#check !== false && !Number.isFinite(loss)) {
        throw explainLoss(loss, this.#optimizer.steps, this.#model, batch, () => this.#forward(batch, ctx));
      }
      if (this.#check === 'every') requireFiniteGradients(fresh, loss, this.#optimizer.steps);
      if (fresh.size === 0) {
        throw new ConfigError(
          this.#model.where,
          'the loss depends on no trainable parameter',
          'something between the parameters and the loss has no gradient: a comparison, argMax, or values that were read and made a tensor again',
        );
      }
    } catch (error) {
      disposeAll(fresh);
      throw error;
    }
    this.#add(fresh);
    return { loss, examples: examplesIn(batch) };
  }

  /** Spends the gradients that wait: one step of the optimizer with their mean. */
  update(): void {
    try {
      if (this.#batches > 1) this.#sum.scale(1 / this.#batches);
      this.#optimizer.step(this.#params, this.#batches > 1 ? this.#sum.gradients : this.#first);
    } finally {
      this.discard();
    }
  }

  /** Forgets the gradients that wait. */
  discard(): void {
    disposeAll(this.#first);
    this.#sum.clear();
    this.#batches = 0;
  }

  #add(fresh: Map<string, Tensor>): void {
    this.#batches++;
    if (this.#batches === 1) {
      for (const grad of fresh.values()) keep(grad); // also where the caller works inside a tidy
      this.#first = fresh; // the usual case of one batch an update copies nothing
      return;
    }
    for (const grads of [this.#first, fresh]) {
      this.#sum.add(grads);
      disposeAll(grads);
    }
  }
}

function disposeAll(tensors: Map<string, Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
  tensors.clear();
}
