import type { Tensor } from '@tensorflow/tfjs-core';
import * as ops from '../ops';
import { checkAxis, checkFloat } from './checks';
import { Module, type Shape } from './module';
import { defineSpec } from './spec';

/** Options of `Softmax` and `LogSoftmax`. */
export interface SoftmaxConfig {
  /** The axis that sums to 1, counted from the end; the batch axis is none. @default -1 */
  axis?: number;
}

/** `y_i = e^(x_i) / sum_j e^(x_j)` along one axis, `[batch, ..., classes]` to the same shape. PyTorch's `nn.Softmax`. */
export class Softmax extends Module {
  readonly axis: number;

  constructor({ axis = -1 }: SoftmaxConfig = {}) {
    super();
    this.axis = axis;
  }

  /** @throws ShapeError where the input has no such axis */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    return ops.softmax(x, checkAxis(this, x.shape, 'batch', this.axis));
  }

  outputShape(input: Shape): Shape {
    checkAxis(this, input, 'example', this.axis);
    return input;
  }
}

/** `y_i = x_i - ln sum_j e^(x_j)` along one axis, `[batch, ..., classes]` to the same shape. PyTorch's `nn.LogSoftmax`. */
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor({ axis = -1 }: SoftmaxConfig = {}) {
    super();
    this.axis = axis;
  }

  /** @throws ShapeError where the input has no such axis */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    return ops.logSoftmax(x, checkAxis(this, x.shape, 'batch', this.axis));
  }

  outputShape(input: Shape): Shape {
    checkAxis(this, input, 'example', this.axis);
    return input;
  }
}

/** Spec of a `Softmax`. */
export const softmax = defineSpec('softmax', (config?: SoftmaxConfig) => new Softmax(config));
/** Spec of a `LogSoftmax`. */
export const logSoftmax = defineSpec('logSoftmax', (config?: SoftmaxConfig) => new LogSoftmax(config));
