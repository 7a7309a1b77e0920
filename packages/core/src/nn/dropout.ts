import type { Tensor } from '@tensorflow/tfjs-core';
import * as ops from '../ops';
import { checkFloat, checkNumber } from './checks';
import { type Context, EVAL } from './context';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

/** Options of `Dropout`. */
export interface DropoutConfig {
  /** The chance that an element is dropped, at least 0 and below 1; PyTorch's `p`. @default 0.5 */
  rate?: number;
}

/**
 * In training, sets elements to 0 with the chance `rate` and scales the others by `1 / (1 - rate)`; otherwise `y = x`.
 * Srivastava et al. 2014, PyTorch's `nn.Dropout`. Input and output have the same shape, `[batch, ...]`.
 *
 * The mask follows from `ctx.key` and the place of the layer in the model: the same key gives the same mask on every
 * backend, and no two layers share one. A layer that is applied twice in one pass needs two keys.
 */
export class Dropout extends Module {
  readonly rate: number;

  constructor({ rate = 0.5 }: DropoutConfig = {}) {
    super();
    checkNumber(this, 'rate', rate, { min: 0, below: 1 });
    this.rate = rate;
  }

  /** @throws ConfigError in training, where the context has no key */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    checkFloat(this, x);
    if (!ctx.train || this.rate === 0) return x;
    return ops.dropout(x, { rate: this.rate, key: this.keyOf(ctx) });
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

/** Spec of a `Dropout`. */
export const dropout = defineSpec('dropout', (config?: DropoutConfig) => new Dropout(config));
