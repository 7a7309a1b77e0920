import { Module, type Param, type Shape } from '@dl/core';
import { checks, defineSpec } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { convolvedShape, convolveImage } from '../ops/conv-2d';
import { type Conv2d, type Conv2dConfig, convolutionState } from './conv-2d';

/** Options of `DepthwiseConv2d`. */
export interface DepthwiseConv2dConfig extends Omit<Conv2dConfig, 'out' | 'groups'> {
  /** Filters for each channel. @default 1 */
  multiplier?: number;
}

/**
 * Convolution of every channel by itself: `[batch, height, width, in]` to `[batch, outHeight, outWidth, in * multiplier]`.
 * PyTorch's `nn.Conv2d` with `groups = in`: weight `[kernelHeight, kernelWidth, 1, in * multiplier]`, bias
 * `[in * multiplier]`.
 */
export class DepthwiseConv2d extends Module {
  readonly options: Conv2d['options'];
  readonly weight: Param;
  readonly bias: Param | undefined;

  /** @throws ConfigError for sizes and options out of their range */
  constructor({ multiplier = 1, ...config }: DepthwiseConv2dConfig) {
    super();
    checks.checkSize(this, 'in', config.in);
    checks.checkSize(this, 'multiplier', multiplier);
    const whole = { ...config, out: config.in * multiplier, groups: config.in };
    const { options, weight, bias } = convolutionState(this.where, whole);
    this.options = options;
    this.weight = weight;
    this.bias = bias;
  }

  /** @throws ShapeError where the channels do not fit or the kernel is larger than the padded image */
  forward(x: Tensor): Tensor {
    return convolveImage(this.where, x, this.weight.value, this.bias?.value, this.options);
  }

  outputShape(input: Shape): Shape {
    return convolvedShape(this.where, [1, ...input], this.weight.shape, this.options).slice(1);
  }
}

/** Spec of a `DepthwiseConv2d`; `in` follows from the input. */
export const depthwiseConv2dSpec = defineSpec(
  'depthwiseConv2d',
  (config: Omit<DepthwiseConv2dConfig, 'in' | 'key'>, input, key) =>
    new DepthwiseConv2d({ ...config, in: input.at(-1)!, key }),
);
