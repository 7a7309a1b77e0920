import { Module, type Shape } from '@dl/core';
import { checks, defineSpec } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { convolvedShape } from '../ops/conv-2d';
import { Conv2d, type Conv2dConfig, checkConfig } from './conv-2d';
import { DepthwiseConv2d } from './depthwise-conv-2d';

/** Options of `SeparableConv2d`. */
export interface SeparableConv2dConfig extends Omit<Conv2dConfig, 'groups' | 'weightInit' | 'biasInit'> {
  /** Filters for each channel of the first step. @default 1 */
  multiplier?: number;
}

/**
 * A depthwise convolution, then one of 1 x 1 over the channels: `[batch, height, width, in]` to `[batch, outHeight,
 * outWidth, out]` with a fraction of the products. Keras' `SeparableConv2D`: bias and activation come at the end.
 */
export class SeparableConv2d extends Module {
  readonly depthwise: DepthwiseConv2d;
  readonly pointwise: Conv2d;

  /** @throws ConfigError for sizes and options out of their range */
  constructor({ out, bias = true, activation = 'linear', multiplier = 1, key, ...config }: SeparableConv2dConfig) {
    super();
    const inputs = config.in * multiplier;
    checks.checkSize(this, 'in', config.in);
    checks.checkSize(this, 'multiplier', multiplier);
    checkConfig(this.where, { ...config, out: inputs, groups: config.in, key });
    checkConfig(this.where, { in: inputs, out, kernel: 1, activation, key });
    this.depthwise = new DepthwiseConv2d({ ...config, multiplier, bias: false, key: key.child('depthwise') });
    this.pointwise = new Conv2d({ in: inputs, out, kernel: 1, bias, activation, key: key.child('pointwise') });
    this.modules(); // tells the two where they are
  }

  /** @throws ShapeError where the channels do not fit or the kernel is larger than the padded image */
  forward(x: Tensor): Tensor {
    this.#check(x.shape);
    return this.pointwise.forward(this.depthwise.forward(x));
  }

  outputShape(input: Shape): Shape {
    this.#check([1, ...input]);
    return this.pointwise.outputShape(this.depthwise.outputShape(input));
  }

  /** Refuses an image under the name of the whole layer. */
  #check(image: Shape): void {
    convolvedShape(this.where, image, this.depthwise.weight.shape, this.depthwise.options);
  }
}

/** Spec of a `SeparableConv2d`; `in` follows from the input. */
export const separableConv2dSpec = defineSpec(
  'separableConv2d',
  (config: Omit<SeparableConv2dConfig, 'in' | 'key'>, input, key) =>
    new SeparableConv2d({ ...config, in: input.at(-1)!, key }),
);
