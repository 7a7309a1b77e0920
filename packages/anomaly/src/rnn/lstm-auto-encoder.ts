import { type Context, EVAL, type Key, Module } from '@dl/core';
import { mse } from '@dl/core/losses';
import { Linear } from '@dl/core/nn';
import { expandDims, reshape, reverse, type Tensor, tile } from '@dl/core/ops';
import { LSTM } from '@dl/rnn';
import type { Matrix } from '../data/matrix';
import { negativeSums } from '../deep/reconstruction';
import { requireBackend, trainNetwork } from '../deep/train-network';
import { faultOfWeights, outputsOf, type Sizes, storedWeights, type Weights, weightsOf } from '../deep/weights';
import type { Definition } from '../detector/definition';
import type { Complete } from '../detector/ranges';
import { windowsOf } from './series-detector';
import { lstmSizes, type RecurrentOptions, recurrentRanges, requireLength, requireWindows } from './window-options';

/** Options of `LSTMAutoEncoder`. */
export type LSTMAutoEncoderOptions = RecurrentOptions;

type Options = Complete<LSTMAutoEncoderOptions>;

/**
 * Windows that an LSTM cannot tell again: one LSTM reads a window, another writes it down again from the last state of the
 * first, the latest time first. score = -mean over features, and over all windows that hold the time, of the squared
 * difference between a value and what was written, in the units of the scaler. Additive: the squared differences over the
 * number of features are the contributions.
 * Malhotra et al. (2016), "LSTM-based Encoder-Decoder for Multi-sensor Anomaly Detection"; Srivastava et al. (2015) for the
 * decoder without inputs of its own.
 */
export const lstmAutoEncoder: Definition<LSTMAutoEncoderOptions, Weights> = {
  name: 'LSTMAutoEncoder',
  ranges: recurrentRanges,
  fit(rows, options) {
    requireBackend('LSTMAutoEncoder');
    requireWindows('LSTMAutoEncoder', rows, options.window);
    using model = new EncoderDecoder(options, rows.columns, options.key.child('weights'));
    trainNetwork(model, mse, windowsOf(rows, options.window), options);
    return { state: weightsOf(model) };
  },
  score: (weights, rows, options) => negativeSums(contributionsOf(weights, rows, options), rows.rows),
  explain: contributionsOf,
  holes: 'refused', // a window reaches over the times around it
  layout: (options) => storedWeights(sizesOf(options, 1)),
  faultOf: (weights, columns, options) => faultOfWeights(weights, sizesOf(options, columns)),
};

class EncoderDecoder extends Module {
  readonly encoder: LSTM;
  readonly decoder: LSTM;
  readonly head: Linear;
  readonly #window: number;
  readonly #features: number;

  constructor({ window, hidden, layers }: Options, features: number, key: Key) {
    super();
    this.encoder = new LSTM({ in: features, hidden, layers, key: key.child('encoder') });
    this.decoder = new LSTM({ in: hidden, hidden, layers, key: key.child('decoder') });
    this.head = new Linear({ in: hidden, out: features, key: key.child('head') });
    this.#window = window;
    this.#features = features;
  }

  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    const batch = x.shape[0];
    const windows = reshape(x, [batch, this.#window, this.#features]);
    const { last } = this.encoder.forward(windows, ctx); // [batch, hidden]
    const told = tile(expandDims(last, 1), [1, this.#window, 1]); // [batch, window, hidden]
    const written = this.head.forward(this.decoder.forward(told, ctx).output); // latest time first
    return reshape(reverse(written, 1), [batch, this.#window * this.#features]);
  }

  outputShape(input: readonly number[]): readonly number[] {
    return input;
  }
}

function sizesOf({ hidden, layers }: Options, features: number): Sizes {
  return {
    ...lstmSizes('encoder', features, hidden, layers),
    ...lstmSizes('decoder', hidden, hidden, layers),
    'head.weight': hidden * features,
    'head.bias': features,
  };
}

function contributionsOf(weights: Weights, rows: Matrix, options: Options): Float64Array {
  requireBackend('LSTMAutoEncoder', 'scored');
  requireLength('LSTMAutoEncoder', rows, options.window);
  using model = new EncoderDecoder(options, rows.columns, options.key);
  const windows = windowsOf(rows, options.window);
  const { data: output } = outputsOf(model, weights, windows);
  const sums = new Float64Array(rows.data.length);
  for (let i = 0, at = 0; i < windows.rows; i++) {
    for (let j = i * windows.step, end = j + windows.columns; j < end; j++) {
      sums[j]! += (rows.data[j]! - output[at++]!) ** 2;
    }
  }
  const { columns } = rows;
  for (let j = 0; j < sums.length; j++) {
    const time = Math.floor(j / columns);
    const holding = Math.min(time + 1, rows.rows - time, options.window, windows.rows);
    sums[j]! /= holding * columns;
  }
  return sums;
}
