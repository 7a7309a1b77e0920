import { ones, type Tensor, zeros } from '@tensorflow/tfjs-core';
import * as ops from '../ops';
import { checkFloat, checkLastAxis, checkNumber, checkRank, checkSize } from './checks';
import { Module, type Shape } from './module';
import { Param } from './param';
import { defineSpec } from './spec';

/** Options of `InstanceNorm`. */
export interface InstanceNormConfig {
  /** Size of the last axis. */
  channels: number;
  /** Added to the variance. @default 1e-5 */
  eps?: number;
  /** Whether each channel is scaled and shifted by learnt numbers. @default false, as PyTorch */
  affine?: boolean;
}

/**
 * Gives each channel of each example mean 0 and variance 1 over all places: group norm with a group for each channel.
 * Ulyanov et al. 2016, PyTorch's `nn.InstanceNorm2d` (and 1d, 3d) with the channels last, without running statistics.
 */
export class InstanceNorm extends Module {
  readonly channels: number;
  readonly eps: number;
  readonly weight: Param | undefined;
  readonly bias: Param | undefined;

  /** @throws ConfigError for channels that are no positive integer */
  constructor({ channels, eps = 1e-5, affine = false }: InstanceNormConfig) {
    super();
    checkSize(this, 'channels', channels);
    checkNumber(this, 'eps', eps, { min: 0 });
    this.channels = channels;
    this.eps = eps;
    this.weight = affine ? new Param(ones([channels])) : undefined;
    this.bias = affine ? new Param(zeros([channels])) : undefined;
  }

  /** @throws ShapeError unless there are places between the batch and the channels, and the last axis has the channels */
  forward(x: Tensor): Tensor {
    checkFloat(this, x);
    this.#check(x.shape, 'batch');
    const { channels, eps } = this;
    return ops.groupNorm(x, { groups: channels, weight: this.weight?.value, bias: this.bias?.value, eps });
  }

  outputShape(input: Shape): Shape {
    this.#check(input, 'example');
    return input;
  }

  #check(shape: Shape, kind: 'batch' | 'example'): void {
    checkRank(this, shape, kind, 3);
    checkLastAxis(this, shape, kind, { size: this.channels, axis: 'channels', option: 'channels' });
  }
}

/** Spec of an `InstanceNorm`. */
export const instanceNorm = defineSpec(
  'instanceNorm',
  (config: Omit<InstanceNormConfig, 'channels'> | undefined, input) =>
    new InstanceNorm({ ...config, channels: input.at(-1)! }),
);
