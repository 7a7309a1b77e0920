import { type Context, EVAL, type Key, Module } from '@dl/core';
import { gaussianKl } from '@dl/core/losses';
import type { Sequential } from '@dl/core/nn';
import { add, clipByValue, exp, mean, mul, split, squaredDifference, sum, type Tensor, tensor } from '@dl/core/ops';
import type { Matrix } from '../data/matrix';
import type { Definition } from '../detector/definition';
import { between, type Complete, either, oneOf, whole } from '../detector/ranges';
import { type Activation, applyLayers, buildStack, planLayers, sizesOf } from './dense-layers';
import { halvingSizes, negativeSums, squaredErrors } from './reconstruction';
import { type RowBatch, requireBackend, trainNetwork } from './train-network';
import { layerSizes, type TrainingOptions, trainingRanges } from './training-options';
import { faultOfWeights, storedWeights, type Weights, weightsOf } from './weights';

/** Options of `VariationalAutoEncoder`. */
export interface VariationalAutoEncoderOptions extends TrainingOptions {
  /**
   * Sizes of the encoder's hidden layers; the decoder mirrors them. `auto`: half and a quarter of the features, at most 64
   * and 32.
   * @default 'auto'
   */
  hiddenSizes?: 'auto' | readonly number[];
  /** Size of the code; a whole number from 1. @default 2 */
  latentSize?: number;
  /** The price of information in the code, from 0: beta of the beta-VAE. @default 1 */
  beta?: number;
  /** What hidden layers do to their sums. @default 'tanh' */
  activation?: Activation;
}

/**
 * An autoencoder whose codes are drawn from normal distributions, so that near codes mean near rows. Trained on
 * `1/2 sum over features (x - x')^2 + beta KL(N(mean, variance) | N(0, 1))`; scored without drawing:
 * score = -mean over features of the squared difference between a row and the reconstruction from the mean of its code.
 * Additive: the squared differences over the number of features are the contributions.
 * Kingma and Welling (2014); Higgins et al. (2017) for beta; PyOD's `VAE`.
 */
export const variationalAutoEncoder: Definition<VariationalAutoEncoderOptions, Weights> = {
  name: 'VariationalAutoEncoder',
  ranges: {
    ...trainingRanges,
    hiddenSizes: either<'auto', readonly number[]>(oneOf('auto', ['auto']), layerSizes([])),
    latentSize: whole(2),
    beta: between(1, '[)', 0),
    activation: oneOf('tanh', ['relu', 'elu', 'tanh', 'sigmoid']),
  },
  fit(rows, options) {
    requireBackend('VariationalAutoEncoder');
    using model = new VariationalNetwork(options, rows.columns, options.key.child('weights'));
    const loss = {
      compute(of: VariationalNetwork, { x }: RowBatch, ctx: Context) {
        const { output, codeMean, logVariance } = of.forward(x, ctx);
        const reconstruction = mul(mean(sum(squaredDifference(output, x), 1)), 0.5);
        return add(reconstruction, mul(gaussianKl(codeMean, logVariance), options.beta));
      },
    };
    trainNetwork(model, loss, rows, options);
    return { state: weightsOf(model) };
  },
  score: (weights, rows, options) => negativeSums(contributionsOf(weights, rows, options), rows.rows),
  explain: contributionsOf,
  layout(options) {
    const { encoder, decoder } = plansOf(options, 1);
    return storedWeights(sizesOf([...encoder, ...decoder]));
  },
  faultOf(weights, columns, options) {
    const { encoder, decoder } = plansOf(options, columns);
    return faultOfWeights(weights, sizesOf([...encoder, ...decoder]));
  },
};

/** A standard deviation of e^5 says that nothing is known; the exponential of more could overflow. */
const LARGEST_LOG_VARIANCE = 10;

interface Coded {
  /** [batch, features] */
  output: Tensor;
  /** [batch, latent] */
  codeMean: Tensor;
  /** [batch, latent] */
  logVariance: Tensor;
}

class VariationalNetwork extends Module<Tensor, Coded> {
  readonly encoder: Sequential;
  readonly decoder: Sequential;

  constructor(options: Complete<VariationalAutoEncoderOptions>, features: number, key: Key) {
    super();
    const { encoder, decoder } = plansOf(options, features);
    this.encoder = buildStack(encoder, key);
    this.decoder = buildStack(decoder, key);
  }

  forward(x: Tensor, ctx: Context = EVAL): Coded {
    const [codeMean, raw] = split(this.encoder.forward(x, ctx), 2, 1) as [Tensor, Tensor];
    const logVariance = clipByValue(raw, -LARGEST_LOG_VARIANCE, LARGEST_LOG_VARIANCE);
    const code = ctx.train
      ? add(codeMean, mul(exp(mul(logVariance, 0.5)), tensor(this.keyOf(ctx).normal(codeMean.shape), codeMean.shape)))
      : codeMean;
    return { output: this.decoder.forward(code, ctx), codeMean, logVariance };
  }

  outputShape(input: readonly number[]): readonly number[] {
    return input;
  }
}

/** The encoder gives mean and log variance side by side, `[batch, 2 latent]`. */
function plansOf({ hiddenSizes, latentSize, activation }: Complete<VariationalAutoEncoderOptions>, features: number) {
  const sizes = hiddenSizes === 'auto' ? halvingSizes(features) : hiddenSizes;
  return {
    encoder: planLayers([features, ...sizes, 2 * latentSize], activation, { prefix: 'encoder.' }),
    decoder: planLayers([latentSize, ...sizes.slice().reverse(), features], activation, { prefix: 'decoder.' }),
  };
}

function contributionsOf(
  weights: Weights,
  rows: Matrix,
  options: Complete<VariationalAutoEncoderOptions>,
): Float64Array {
  const { encoder, decoder } = plansOf(options, rows.columns);
  const { latentSize } = options;
  const both = applyLayers(weights, encoder, rows);
  const codes = new Float64Array(rows.rows * latentSize);
  for (let i = 0; i < rows.rows; i++) {
    codes.set(both.data.subarray(2 * i * latentSize, (2 * i + 1) * latentSize), i * latentSize);
  }
  return squaredErrors(rows, applyLayers(weights, decoder, { data: codes, rows: rows.rows, columns: latentSize }));
}
