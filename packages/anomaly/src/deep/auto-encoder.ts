import { mse } from '@dl/core/losses';
import type { Matrix } from '../data/matrix';
import type { Definition } from '../detector/definition';
import { type Complete, either, oneOf } from '../detector/ranges';
import { type Activation, applyLayers, buildStack, planLayers, sizesOf } from './dense-layers';
import { halvingSizes, negativeSums, squaredErrors } from './reconstruction';
import { requireBackend, trainNetwork } from './train-network';
import { layerSizes, type TrainingOptions, trainingRanges } from './training-options';
import { faultOfWeights, storedWeights, type Weights, weightsOf } from './weights';

/** Options of `AutoEncoder`. */
export interface AutoEncoderOptions extends TrainingOptions {
  /**
   * Sizes of the encoder's layers, the last one the code; the decoder mirrors them. `auto`: half and a quarter of the
   * features, at most 64 and 32, so that the code is narrower than the rows.
   * @default 'auto'
   */
  hiddenSizes?: 'auto' | readonly number[];
  /** What hidden layers do to their sums; bounded ones cannot follow an outlier far out. @default 'tanh' */
  activation?: Activation;
}

/**
 * What a narrow network cannot say again: score = -mean over features of the squared difference between a row and its
 * reconstruction, in the units of the scaler. Additive: the squared differences over the number of features are the
 * contributions. Outliers among the training rows are learnt too, so it is a tool for novelty detection: measured on 42 data
 * sets a little behind Mahalanobis distance there, and clearly on contaminated data.
 * Kramer (1991); PyOD's `AutoEncoder`, without batch norm and dropout.
 */
export const autoEncoder: Definition<AutoEncoderOptions, Weights> = {
  name: 'AutoEncoder',
  ranges: {
    ...trainingRanges,
    hiddenSizes: either<'auto', readonly number[]>(oneOf('auto', ['auto']), layerSizes([])),
    activation: oneOf('tanh', ['relu', 'elu', 'tanh', 'sigmoid']),
  },
  fit(rows, options) {
    requireBackend('AutoEncoder');
    using model = buildStack(planOf(options, rows.columns), options.key.child('weights'));
    trainNetwork(model, mse, rows, options);
    return { state: weightsOf(model) };
  },
  score: (weights, rows, options) => negativeSums(contributionsOf(weights, rows, options), rows.rows),
  explain: contributionsOf,
  layout: (options) => storedWeights(sizesOf(planOf(options, 1))),
  faultOf: (weights, columns, options) => faultOfWeights(weights, sizesOf(planOf(options, columns))),
};

function planOf({ hiddenSizes, activation }: Complete<AutoEncoderOptions>, features: number) {
  const encoder = hiddenSizes === 'auto' ? halvingSizes(features) : hiddenSizes;
  return planLayers([features, ...encoder, ...encoder.slice(0, -1).reverse(), features], activation);
}

function contributionsOf(weights: Weights, rows: Matrix, options: Complete<AutoEncoderOptions>): Float64Array {
  return squaredErrors(rows, applyLayers(weights, planOf(options, rows.columns), rows));
}
