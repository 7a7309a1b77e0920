import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { checkRank } from './checks';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

/**
 * Lays out all axes but the batch as one: `[batch, height, width, channels]` to `[batch, height * width * channels]`.
 * PyTorch's `nn.Flatten`; with channels last here, the order of the features is height, width, channels.
 */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    checkRank(this, x.shape, 'batch', 2);
    return reshape(x, [x.shape[0], ...this.outputShape(x.shape.slice(1))]);
  }

  outputShape(input: Shape): Shape {
    checkRank(this, input, 'example', 2);
    return [input.reduce((a, b) => a * b, 1)];
  }
}

/** Spec of a `Flatten`. */
export const flatten = defineSpec('flatten', () => new Flatten());
