import { type Key, key } from '@dl/core';
import { type ShareOptions, shareRanges } from '../detector/common-options';
import { between, oneOf, type Range, type Ranges, random, whole } from '../detector/ranges';

/** How the network of a deep detector is trained, besides what every detector is told. */
export interface TrainingOptions extends ShareOptions {
  /**
   * How features are scaled; networks want them near 0 and of one size.
   * @default 'standard'
   */
  scaler?: 'none' | 'standard' | 'minMax' | 'robust';
  /** Passes over the training rows; a whole number from 1. @default 50 */
  epochs?: number;
  /** Rows of one step; a whole number from 1. @default 32 */
  batchSize?: number;
  /** Step size of Adam, above 0. @default 0.001 */
  learningRate?: number;
  /** L2 penalty of the weights, from 0. @default 1e-5; of `DeepSVDD` 5e-7 */
  weightDecay?: number;
  /** Draws first weights, the order of rows and noise: the same key, the same detector. @default key(0) */
  key?: Key;
}

/** Ranges of `TrainingOptions`. */
export const trainingRanges: Ranges<TrainingOptions> = {
  ...shareRanges,
  scaler: oneOf('standard', ['none', 'standard', 'minMax', 'robust']),
  epochs: whole(50),
  batchSize: whole(32),
  learningRate: between(1e-3, '()', 0),
  weightDecay: between(1e-5, '[)', 0),
  key: random(key(0)),
};

/** Sizes of layers, each from 1. */
export function layerSizes(fallback: readonly number[]): Range<readonly number[]> {
  return {
    fallback,
    range: 'a list of ints in the range [1, inf), at least one',
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((size) => Number.isSafeInteger(size) && size >= 1),
  };
}
