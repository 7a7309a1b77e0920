import type { Tensor } from '@tensorflow/tfjs-core';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

/** `y = x`: a place for a layer that may be left out. PyTorch's `nn.Identity`. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

/** Spec of an `Identity`. */
export const identity = defineSpec('identity', () => new Identity());
