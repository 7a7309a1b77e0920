import { ConfigError, type Context, type LossOf, type Module, type Objective } from '@dl/core';
import { keep, type Tensor } from '@dl/core/ops';
import type { RecurrentState } from '../recurrent';

/** What an unrolled model gives. */
export interface Unrolled {
  /** What the loss is computed of. */
  output: Tensor;
  /** The state after the last step. */
  state: RecurrentState;
}

/** A model that can begin in a state: the recurrent layers, and `RNNLanguageModel`. */
export interface Unrollable {
  /** Runs over a piece of a sequence. */
  unroll(x: Tensor, ctx: Context, state?: RecurrentState): Unrolled;
}

/** A piece of sequences that follow each other from batch to batch. */
export interface Piece {
  /** `[batch, time, ...]` */
  x: Tensor;
  /** What the output is compared with. */
  y: Tensor;
  /** Whether the sequences begin here, from a state of zeros. */
  first: boolean;
}

/** An objective that carries a state. */
export interface TruncatedBackprop extends Objective<Module, Piece> {
  /** Forgets the state: the next piece begins a sequence. */
  reset(): void;
  /** Frees the state. */
  dispose(): void;
}

/**
 * Truncated back-propagation through time: the state at the end of a batch is where the next one begins, as a number, so
 * that gradients reach back to the beginning of the piece and no further. Williams and Peng 1990. Hand it to `fit` or
 * `trainStep` as the loss, with batches of pieces: `streams` makes them of tokens.
 *
 * Training and evaluation carry states of their own. A training that is resumed in the middle of an epoch begins with a
 * state of zeros.
 *
 * @param loss of `@dl/core/losses`, or any `(prediction, target) => Tensor`
 * @throws ConfigError, at a step, for a model that cannot begin in a state
 *
 * @example
 * ```ts
 * const loss = truncatedBackprop(crossEntropy);
 * await fit(model, { data: streams(tokens, { batch: 32, steps: 64 }), loss, optimizer, epochs: 10 }).finish();
 * loss.dispose();
 * ```
 */
export function truncatedBackprop(loss: LossOf<Tensor>): TruncatedBackprop {
  const carried = new Map<boolean, RecurrentState>();
  const forget = (train: boolean) => {
    const state = carried.get(train);
    state?.h.dispose();
    state?.c?.dispose();
    carried.delete(train);
  };
  const reset = () => {
    forget(true);
    forget(false);
  };
  return {
    compute(model, { x, y, first }, ctx) {
      if (!isUnrollable(model)) {
        throw new ConfigError(model.where, 'it has no unroll(x, ctx, state): it cannot go on from a state');
      }
      const before = first ? undefined : carried.get(ctx.train);
      // A last piece may be of another batch size; it then begins a sequence of its own.
      const fits = before !== undefined && before.h.shape[1] === x.shape[0];
      const { output, state } = model.unroll(x, ctx, fits ? before : undefined);
      const after: RecurrentState = { h: keep(state.h.clone()), ...(state.c && { c: keep(state.c.clone()) }) };
      forget(ctx.train); // what the backward pass reads of it, it has kept
      carried.set(ctx.train, after);
      return { loss: loss(output, y), prediction: output, target: y };
    },
    reset,
    dispose: reset,
  };
}

function isUnrollable(model: unknown): model is Unrollable {
  return typeof (model as Partial<Unrollable>).unroll === 'function';
}
