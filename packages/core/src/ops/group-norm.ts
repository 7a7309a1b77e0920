import type { Tensor } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { channelNorm, expectChannels } from './channel-norm';

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  /** Into how many groups the channels fall; as many as channels is instance norm. */
  groups: number;
  /** Factor of each channel, [channels]. @default ones */
  weight?: Tensor | undefined;
  /** Summand of each channel, [channels]. @default zeros */
  bias?: Tensor | undefined;
  /** Added to the variance. @default 1e-5 */
  eps?: number | undefined;
}

/**
 * Gives each group of channels of each example mean 0 and variance 1, then scales and shifts the channels:
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`. Wu and He 2018, PyTorch's `group_norm`, channels last. With a
 * group for each channel it is PyTorch's `instance_norm`.
 *
 * With `z = (x - mean) / sqrt(variance + eps)`, `g = dy * weight` and the means over the group:
 * `dx = (g - mean(g) - z mean(g z)) / sqrt(variance + eps)`; `dweight` and `dbias` are the sums of `dy z` and of `dy` over
 * all but the channel.
 *
 * @param x [batch, ..., channels], float32
 * @throws DtypeError unless all are float32
 * @throws ShapeError unless weight and bias fit the channels
 * @throws ConfigError unless the groups divide the channels
 */
export function groupNorm(x: Tensor, { groups, weight, bias, eps = 1e-5 }: GroupNormOptions): Tensor {
  const channels = expectChannels('groupNorm', x, { weight, bias });
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ConfigError('groupNorm', `${channels} channels do not fall into ${groups} equal groups`);
  }
  const batch = x.shape[0];
  const rows = x.shape.slice(1, -1).reduce((size, length) => size * length, 1);
  const { y, mean, variance } = channelNorm(
    { x, weight, bias },
    { batch, rows, groups, width: channels / groups, eps },
  );
  mean.dispose();
  variance.dispose();
  return y;
}
