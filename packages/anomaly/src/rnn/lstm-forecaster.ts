import { type Context, EVAL, type Key, Module } from '@dl/core';
import { mse } from '@dl/core/losses';
import { Linear } from '@dl/core/nn';
import { reshape, slice, type Tensor } from '@dl/core/ops';
import { LSTM } from '@dl/rnn';
import type { Matrix } from '../data/matrix';
import { type RowBatch, requireBackend, trainNetwork } from '../deep/train-network';
import { faultOfWeights, outputsOf, type Sizes, storedWeights, type Weights, weightsOf } from '../deep/weights';
import type { Definition } from '../detector/definition';
import { type Complete, complete } from '../detector/ranges';
import { type MahalanobisState, mahalanobis } from '../detectors/mahalanobis';
import { windowsOf } from './series-detector';
import { lstmSizes, type RecurrentOptions, recurrentRanges, requireLength, requireWindows } from './window-options';

/** Options of `LSTMForecaster`. */
export type LSTMForecasterOptions = RecurrentOptions;

/** What a fitted `LSTMForecaster` keeps: weights by name, and the normal distribution of the errors. */
export type LSTMForecasterState = { readonly [name: string]: Float32Array | Float64Array | number };

type Options = Complete<LSTMForecasterOptions>;

/**
 * Times that an LSTM does not foresee from the `window` times before them. With e the error of the forecast, and m and S
 * mean and covariance of the errors on the training series, score = -(e - m)' S^-1 (e - m). The best for single odd points;
 * the first `window` times of a series have no forecast and get the score of the next. Additive as `Mahalanobis` is.
 * Malhotra et al. (2015), "Long Short Term Memory Networks for Anomaly Detection in Time Series", one step ahead; PyOD's
 * `LSTMAD`.
 */
export const lstmForecaster: Definition<LSTMForecasterOptions, LSTMForecasterState> = {
  name: 'LSTMForecaster',
  ranges: recurrentRanges,
  fit(rows, options) {
    requireBackend('LSTMForecaster');
    const { window } = options;
    const { columns } = rows;
    requireWindows('LSTMForecaster', rows, window);
    using model = new NextValue(options, columns, options.key.child('weights'));
    // what is seen, then what comes next
    const loss = {
      compute(of: Module<Tensor, Tensor>, { x }: RowBatch, ctx: Context) {
        return mse(of.forward(x, ctx), slice(x, [0, window * columns], [x.shape[0], columns]));
      },
    };
    trainNetwork(model, loss, windowsOf(rows, window + 1), options);
    const weights = weightsOf(model);
    const errors = errorsOf(weights, rows, options);
    const distribution = mahalanobis.fit(errors, plain, { sampleWeight: undefined });
    return {
      state: { ...weights, ...distribution.state },
      scores: () => fromFirst(mahalanobis.score(distribution.state, errors, plain), window, 1),
    };
  },
  score(state, rows, options) {
    const { weights, distribution } = partsOf(state);
    return fromFirst(mahalanobis.score(distribution, errorsOf(weights, rows, options), plain), options.window, 1);
  },
  explain(state, rows, options) {
    const { weights, distribution } = partsOf(state);
    const contributions = mahalanobis.explain!(distribution, errorsOf(weights, rows, options), plain);
    return fromFirst(contributions, options.window, rows.columns);
  },
  holes: 'refused', // a window reaches over the times around it
  layout: (options) => ({ ...storedWeights(sizesOf(options, 1)), ...mahalanobis.layout }),
  faultOf(state, columns, options) {
    const { distribution } = partsOf(state);
    return faultOfWeights(state, sizesOf(options, columns)) ?? mahalanobis.faultOf(distribution, columns, plain);
  },
};

const plain = complete(mahalanobis.name, mahalanobis.ranges, {});

class NextValue extends Module {
  readonly lstm: LSTM;
  readonly head: Linear;
  readonly #window: number;

  constructor({ window, hidden, layers }: Options, features: number, key: Key) {
    super();
    this.lstm = new LSTM({ in: features, hidden, layers, key: key.child('lstm') });
    this.head = new Linear({ in: hidden, out: features, key: key.child('head') });
    this.#window = window;
  }

  /** `[batch, (window + 1) * features]`, of which the last time is not looked at, to `[batch, features]` */
  forward(x: Tensor, ctx: Context = EVAL): Tensor {
    const { in: features } = this.lstm;
    const batch = x.shape[0];
    const seen = slice(x, [0, 0], [batch, this.#window * features]);
    return this.head.forward(this.lstm.forward(reshape(seen, [batch, this.#window, features]), ctx).last);
  }

  outputShape(): readonly number[] {
    return [this.lstm.in];
  }
}

function sizesOf({ hidden, layers }: Options, features: number): Sizes {
  return {
    ...lstmSizes('lstm', features, hidden, layers),
    'head.weight': hidden * features,
    'head.bias': features,
  };
}

function partsOf(state: LSTMForecasterState) {
  return { weights: state as Weights, distribution: state as MahalanobisState };
}

/** What came less what was forecast, for all times but the first `window`: `[times - window, features]`. */
function errorsOf(weights: Weights, rows: Matrix, options: Options): Matrix {
  requireBackend('LSTMForecaster', 'scored');
  const { window } = options;
  requireLength('LSTMForecaster', rows, window + 1);
  using model = new NextValue(options, rows.columns, options.key);
  const { data, ...sizes } = outputsOf(model, weights, windowsOf(rows, window + 1));
  const first = window * rows.columns;
  return { ...sizes, data: data.map((forecast, i) => rows.data[first + i]! - forecast) };
}

/** With the values of the first time that has any for the times before it. */
function fromFirst(values: Float64Array, window: number, columns: number): Float64Array {
  const all = new Float64Array(values.length + window * columns);
  all.set(values, window * columns);
  for (let i = 0; i < window * columns; i++) all[i] = values[i % columns]!;
  return all;
}
