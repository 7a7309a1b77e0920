import { ones, type Tensor, zeros } from '@tensorflow/tfjs-core';
import * as ops from '../ops';
import { checkFloat, checkNumber } from './checks';
import { Module, type Shape } from './module';
import { checkNormalized, normalizedSizes } from './normalized-shape';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `LayerNorm`. */
export interface LayerNormConfig {
  /** Sizes of the last axes, which are normalised together. */
  normalizedShape: number | Shape;
  /** Added to the variance. @default 1e-5 */
  eps?: number;
  /** Whether each element is scaled and shifted by learnt numbers; PyTorch's `elementwise_affine`. @default true */
  affine?: boolean;
  /** Whether the learnt numbers have a shift. @default true */
  bias?: boolean;
}

/**
 * Gives the elements of each example mean 0 and variance 1, then scales and shifts them:
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, `[batch, ..., ...normalizedShape]` to the same shape.
 * Ba et al. 2016, PyTorch's `nn.LayerNorm`: weight and bias have the normalised shape.
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Param | undefined;
  readonly bias: Param | undefined;

  /** @throws ConfigError for sizes that are no positive integers, and for a negative eps */
  constructor({ normalizedShape, eps = 1e-5, affine = true, bias = true }: LayerNormConfig) {
    super();
    this.normalizedShape = normalizedSizes(this, normalizedShape);
    checkNumber(this, 'eps', eps, { min: 0 });
    this.eps = eps;
    this.weight = affine ? new Param(ones([...this.normalizedShape])) : undefined;
    this.bias = affine && bias ? new Param(zeros([...this.normalizedShape])) : undefined;
  }

  /** @throws ShapeError unless the last axes have the normalised shape */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    checkNormalized(this, x.shape, 'batch', this.normalizedShape);
    return ops.layerNorm(x, {
      weight: this.weight?.value,
      bias: this.bias?.value,
      axes: this.normalizedShape.length,
      eps: this.eps,
    });
  }

  outputShape(input: Shape): Shape {
    checkNormalized(this, input, 'example', this.normalizedShape);
    return input;
  }
}

/** Spec of a `LayerNorm` over the last axis, or over the last `axes` axes. */
export const layerNorm = defineSpec(
  'layerNorm',
  (
    { axes = 1, ...config }: { axes?: number; eps?: number; affine?: boolean; bias?: boolean } | undefined = {},
    input,
  ) => new LayerNorm({ ...config, normalizedShape: input.slice(-axes) }),
);
