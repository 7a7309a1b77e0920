import { ones, type Tensor, zeros } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import * as ops from '../ops';
import { checkFloat, checkLastAxis, checkNumber, checkSize } from './checks';
import { Module, type Shape } from './module';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `GroupNorm`. */
export interface GroupNormConfig {
  /** Into how many groups the channels fall: a divisor of them. */
  groups: number;
  /** Size of the last axis. */
  channels: number;
  /** Added to the variance. @default 1e-5 */
  eps?: number;
  /** Whether each channel is scaled and shifted by learnt numbers. @default true */
  affine?: boolean;
}

/**
 * Gives each group of channels of each example mean 0 and variance 1, over its channels and all places, then scales and
 * shifts each channel: `y = (x - mean) / sqrt(variance + eps) * weight + bias`, `[batch, ..., channels]` to the same
 * shape. Wu and He 2018, PyTorch's `nn.GroupNorm` with the channels last: weight and bias `[channels]`.
 */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly channels: number;
  readonly eps: number;
  readonly weight: Param | undefined;
  readonly bias: Param | undefined;

  /** @throws ConfigError unless the groups divide the channels */
  constructor({ groups, channels, eps = 1e-5, affine = true }: GroupNormConfig) {
    super();
    checkSize(this, 'channels', channels);
    checkSize(this, 'groups', groups);
    checkNumber(this, 'eps', eps, { min: 0 });
    if (channels % groups !== 0) {
      throw new ConfigError(this.where, `${channels} channels do not fall into ${groups} equal groups`);
    }
    this.groups = groups;
    this.channels = channels;
    this.eps = eps;
    this.weight = affine ? new Param(ones([channels])) : undefined;
    this.bias = affine ? new Param(zeros([channels])) : undefined;
  }

  /** @throws ShapeError unless the last axis has the channels */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    this.#check(x.shape, 'batch');
    const { groups, eps } = this;
    return ops.groupNorm(x, { groups, weight: this.weight?.value, bias: this.bias?.value, eps });
  }

  outputShape(input: Shape): Shape {
    this.#check(input, 'example');
    return input;
  }

  #check(shape: Shape, kind: 'batch' | 'example'): void {
    checkLastAxis(this, shape, kind, { size: this.channels, axis: 'channels', option: 'channels' });
  }
}

/** Spec of a `GroupNorm`. */
export const groupNorm = defineSpec(
  'groupNorm',
  (config: Omit<GroupNormConfig, 'channels'>, input) => new GroupNorm({ ...config, channels: input.at(-1)! }),
);
