import { ones, type Tensor } from '@tensorflow/tfjs-core';
import * as ops from '../ops';
import { checkFloat, checkNumber } from './checks';
import { Module, type Shape } from './module';
import { checkNormalized, normalizedSizes } from './normalized-shape';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `RMSNorm`. */
export interface RMSNormConfig {
  /** Sizes of the last axes, which are normalised together. */
  normalizedShape: number | Shape;
  /** Added to the mean square. @default 2^-23, the float32 epsilon */
  eps?: number;
  /** Whether each element is scaled by a learnt number. @default true */
  affine?: boolean;
}

/**
 * Divides the elements of each example by their root mean square, then scales them:
 * `y = x / sqrt(mean(x^2) + eps) * weight`. Zhang and Sennrich 2019, PyTorch's `nn.RMSNorm`.
 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Param | undefined;

  /** @throws ConfigError for sizes that are no positive integers, and for a negative eps */
  constructor({ normalizedShape, eps = 2 ** -23, affine = true }: RMSNormConfig) {
    super();
    this.normalizedShape = normalizedSizes(this, normalizedShape);
    checkNumber(this, 'eps', eps, { min: 0 });
    this.eps = eps;
    this.weight = affine ? new Param(ones([...this.normalizedShape])) : undefined;
  }

  /** @throws ShapeError unless the last axes have the normalised shape */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    checkNormalized(this, x.shape, 'batch', this.normalizedShape);
    return ops.rmsNorm(x, { weight: this.weight?.value, axes: this.normalizedShape.length, eps: this.eps });
  }

  outputShape(input: Shape): Shape {
    checkNormalized(this, input, 'example', this.normalizedShape);
    return input;
  }
}

/** Spec of an `RMSNorm` over the last axis, or over the last `axes` axes. */
export const rmsNorm = defineSpec(
  'rmsNorm',
  ({ axes = 1, ...config }: { axes?: number; eps?: number; affine?: boolean } | undefined = {}, input) =>
    new RMSNorm({ ...config, normalizedShape: input.slice(-axes) }),
);
