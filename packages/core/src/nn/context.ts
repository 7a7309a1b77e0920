import type { Tensor } from '@tensorflow/tfjs-core';
import type { Key } from '../random';

/**
 * What a forward pass is told besides its input. It travels with the call: no model has a hidden train or evaluation flag.
 */
export interface Context {
  /** Whether this pass trains: dropout drops, batch norm uses the statistics of the batch. */
  readonly train: boolean;
  /** Source of the randomness of this pass; needed where `train` is set and a layer draws (dropout). */
  readonly key?: Key;
  /** The number of real steps of each sequence of the batch; the rest is padding. */
  readonly lengths?: readonly number[] | Tensor;
  /** 1 where an element counts, 0 where it is padding. */
  readonly mask?: Tensor;
}

/** The context of evaluation: the default of every `forward`. */
export const EVAL: Context = { train: false };
