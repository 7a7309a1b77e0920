import { add, mul, ones, scalar, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import * as ops from '../ops';
import { checkFloat, checkLastAxis, checkNumber, checkSize, shownInput } from './checks';
import { type Context, EVAL } from './context';
import { Module, type Shape } from './module';
import { Buffer, Param } from './param';
import { defineSpec } from './spec';

/** Options of `BatchNorm`. */
export interface BatchNormConfig {
  /** Size of the last axis. */
  channels: number;
  /** Added to the variance. @default 1e-5 */
  eps?: number;
  /**
   * The weight of the newest batch in the running statistics: `running = (1 - momentum) running + momentum batch`, as in
   * PyTorch (Keras counts the other way round); `null` for the plain average over all batches.
   * @default 0.1
   */
  momentum?: number | null;
  /** Whether each channel is scaled and shifted by learnt numbers. @default true */
  affine?: boolean;
}

/**
 * Gives each channel mean 0 and variance 1, then scales and shifts it:
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, `[batch, ..., channels]` to the same shape.
 * Ioffe and Szegedy 2015, PyTorch's `nn.BatchNorm1d`, `2d` and `3d` with the channels last.
 *
 * In training the statistics are those of the batch, over all its places, and the running ones are brought up to date:
 * the buffers `running_mean` and `running_var` (unbiased) `[channels]`, and `num_batches_tracked`. In evaluation the
 * running ones are used.
 */
export class BatchNorm extends Module {
  readonly channels: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Param | undefined;
  readonly bias: Param | undefined;
  readonly running_mean: Buffer;
  readonly running_var: Buffer;
  readonly num_batches_tracked: Buffer;

  /** @throws ConfigError for channels that are no positive integer, or a momentum outside of 0 to 1 */
  constructor({ channels, eps = 1e-5, momentum = 0.1, affine = true }: BatchNormConfig) {
    super();
    checkSize(this, 'channels', channels);
    checkNumber(this, 'eps', eps, { min: 0 });
    if (momentum !== null) checkNumber(this, 'momentum', momentum, { min: 0, max: 1 });
    this.channels = channels;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Param(ones([channels])) : undefined;
    this.bias = affine ? new Param(zeros([channels])) : undefined;
    this.running_mean = new Buffer(zeros([channels]));
    this.running_var = new Buffer(ones([channels]));
    this.num_batches_tracked = new Buffer(scalar(0, 'int32'));
  }

  /** @throws ShapeError unless the last axis has the channels, and in training for a single element a channel */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    checkFloat(this, x);
    this.#check(x.shape, 'batch');
    const affine = { weight: this.weight?.value, bias: this.bias?.value, eps: this.eps };
    if (!ctx.train) {
      return ops.batchNormInference(x, {
        ...affine,
        mean: this.running_mean.value,
        variance: this.running_var.value,
      });
    }
    const count = x.size / this.channels;
    if (count < 2) {
      throw new ShapeError(
        this.where,
        'a channel needs two elements or more in training, to have a variance',
        [shownInput(x.shape, 'batch')],
        'give a larger batch',
      );
    }
    const { y, mean, variance } = ops.batchNorm(x, affine);
    this.#track(mean, variance, count);
    return y;
  }

  outputShape(input: Shape): Shape {
    this.#check(input, 'example');
    return input;
  }

  /** Brings the running statistics up to date. */
  #track(mean: Tensor, variance: Tensor, count: number): void {
    this.num_batches_tracked.replace(tidy(() => add(this.num_batches_tracked.value, scalar(1, 'int32'))));
    const share = this.momentum ?? 1 / this.num_batches_tracked.value.dataSync()[0]!;
    const blend = (running: Buffer, batch: Tensor, scale: number) =>
      running.replace(tidy(() => add(mul(running.value, 1 - share), mul(batch, share * scale))));
    blend(this.running_mean, mean, 1);
    blend(this.running_var, variance, count / (count - 1)); // from the biased to the unbiased variance
  }

  #check(shape: Shape, kind: 'batch' | 'example'): void {
    checkLastAxis(this, shape, kind, { size: this.channels, axis: 'channels', option: 'channels' });
  }
}

/** Spec of a `BatchNorm`. */
export const batchNorm = defineSpec(
  'batchNorm',
  (config: Omit<BatchNormConfig, 'channels'> | undefined, input) =>
    new BatchNorm({ ...config, channels: input.at(-1)! }),
);
