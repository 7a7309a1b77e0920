import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors';
import { channelAffine, channelNorm, expectChannels } from './channel-norm';

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Factor of each channel, [channels]. @default ones */
  weight?: Tensor | undefined;
  /** Summand of each channel, [channels]. @default zeros */
  bias?: Tensor | undefined;
  /** Added to the variance. @default 1e-5 */
  eps?: number | undefined;
}

/** Options of `batchNormInference`. */
export interface BatchNormInferenceOptions extends BatchNormOptions {
  /** The running mean of each channel, [channels]. */
  mean: Tensor;
  /** The running variance of each channel, [channels]. */
  variance: Tensor;
}

/** What `batchNorm` gives. */
export interface BatchNormResult {
  /** The normalised input. */
  y: Tensor;
  /** The mean of each channel over the batch, [channels]. No gradient flows through it. */
  mean: Tensor;
  /**
   * The biased variance of each channel, [channels]; for running statistics PyTorch takes the unbiased one,
   * `variance * n / (n - 1)` with `n` elements a channel. No gradient flows through it.
   */
  variance: Tensor;
}

/**
 * Gives every channel mean 0 and variance 1 over the batch, then scales and shifts it:
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, with statistics over all axes but the last. Ioffe and Szegedy
 * 2015, PyTorch's `batch_norm` in training, channels last.
 *
 * With `z = (x - mean) / sqrt(variance + eps)` and the means over the batch:
 *
 * ```
 * dx      = weight / sqrt(variance + eps) (dy - mean(dy) - z mean(dy z))
 * dweight = sum of dy z, dbias = sum of dy
 * ```
 *
 * @param x [batch, ..., channels], float32
 * @throws DtypeError unless all are float32
 * @throws ShapeError unless weight and bias fit the channels, or where a channel has less than two elements
 */
export function batchNorm(x: Tensor, { weight, bias, eps = 1e-5 }: BatchNormOptions = {}): BatchNormResult {
  const channels = expectChannels('batchNorm', x, { weight, bias });
  const rows = channels === 0 ? 0 : x.size / channels;
  if (rows < 2) {
    throw new ShapeError(
      'batchNorm',
      `${rows} element${rows === 1 ? '' : 's'} a channel: no variance can be taken in training`,
      [{ label: 'input', shape: x.shape }],
      'give a larger batch, or evaluate with the running statistics',
    );
  }
  const { y, mean, variance } = channelNorm({ x, weight, bias }, { batch: 1, rows, groups: channels, width: 1, eps });
  const result = { y: y, mean: reshape(mean, [channels]), variance: reshape(variance, [channels]) };
  mean.dispose();
  variance.dispose();
  return result;
}

/**
 * Batch norm with statistics that are given: `y = (x - mean) / sqrt(variance + eps) * weight + bias`. PyTorch's
 * `batch_norm` in evaluation, channels last.
 *
 * The statistics are constants, so `dx = dy weight / sqrt(variance + eps)`.
 *
 * @param x [batch, ..., channels], float32
 * @throws DtypeError unless all are float32
 * @throws ShapeError unless mean, variance, weight and bias fit the channels
 */
export function batchNormInference(x: Tensor, options: BatchNormInferenceOptions): Tensor {
  const { mean, variance, weight, bias, eps = 1e-5 } = options;
  const channels = expectChannels('batchNormInference', x, { mean, variance, weight, bias });
  const rows = channels === 0 ? 0 : x.size / channels;
  return channelAffine({ x, weight, bias, mean, variance }, { batch: 1, rows, groups: channels, width: 1, eps });
}
