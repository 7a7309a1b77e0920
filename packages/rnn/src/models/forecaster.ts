import {
  Buffer,
  ConfigError,
  type Context,
  EVAL,
  type FiniteCheck,
  fit,
  type Key,
  type LossOf,
  Module,
  NotFittedError,
  NumericsError,
  type Run,
  type Shape,
  ShapeError,
} from '@dl/core';
import { type ManyFeatures, type NdArray, type OneFeature, standardScaler, windows } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { checks, Linear } from '@dl/core/nn';
import { concat, reshape, slice, type Tensor, tensor, tidy, zeros } from '@dl/core/ops';
import type { Optimizer } from '@dl/core/optim';
import type { Recurrent, RecurrentOutput } from '../recurrent';
import { type RecurrentChoice, recurrentOf } from './recurrent-of';

/** Options of `Forecaster`. */
export interface ForecasterConfig extends RecurrentChoice {
  /** Features of the series. */
  features: number;
  /** Steps of the past that are seen. */
  length: number;
  /** Steps of the future that are forecast, all at once. */
  horizon: number;
  /** The features that are forecast; the others are exogenous. @default [0] */
  targets?: readonly number[];
  /** Exogenous features that are known in advance, such as the calendar: the forecast sees those of its own time. @default [] */
  known?: readonly number[];
  /**
   * Steps back from which changes of the targets are taken: 1 for a series that drifts, 12 for one of months with seasons.
   * The network sees and forecasts the changes alone. Box and Jenkins 1970.
   * @default 0: the values themselves
   */
  difference?: number;
}

/** A series: one number a step, or `[time, features]`. */
export type ForecastSeries = OneFeature | ManyFeatures;

/** What a `Forecaster` is trained with. */
export interface ForecasterFitOptions {
  /** Of `@dl/core/optim`. */
  optimizer: Optimizer;
  /** How often the windows are gone through. */
  epochs: number;
  /** Windows a batch. @default 32 */
  batch?: number;
  /** Of scaled forecasts and targets. @default mse */
  loss?: LossOf<Tensor>;
  /** Shuffles the windows, and draws for dropout. */
  key: Key;
  /** Stops training. */
  signal?: AbortSignal;
  /** As in `fit`. @default 'loss' */
  checkFinite?: FiniteCheck;
}

/** What the network is given. */
export interface ForecastInput {
  /** `[batch, length, features]`, scaled. */
  x: Tensor;
  /** `[batch, horizon, known]`, scaled; where there are known features. */
  known?: Tensor | undefined;
}

/** Forecasts of a past, and what came. */
export interface Backtest {
  /** `[origins, horizon, targets]` in the units of the series. */
  forecast: NdArray<Float32Array>;
  /** The same of what came. */
  actual: NdArray<Float32Array>;
  /** Root of the mean squared error, `[horizon][targets]`. */
  rmse: number[][];
  /** Mean absolute error, `[horizon][targets]`. */
  mae: number[][];
}

/** A batch of windows: y holds the targets and the known features of the time that is forecast. */
interface WindowBatch {
  x: Tensor;
  y: Tensor;
}

/**
 * Forecasts a time series: a recurrent network reads the last `length` steps, all features of them, and says the targets of
 * the next `horizon` steps at once.
 *
 * What scales the features is learnt by `fit`, from the series that it is given and nothing else: give it the past alone. It
 * is saved with the weights, in the buffers `mean` and `scale` `[features]`.
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { adam } from '@dl/core/optim';
 * import { Forecaster } from '@dl/rnn';
 *
 * await init();
 * const series = Float32Array.from({ length: 400 }, (_, t) => 20 + 5 * Math.sin(t / 4));
 * const model = new Forecaster({ features: 1, length: 24, horizon: 6, hidden: 16, key: key(0) });
 * await model.fit(series.subarray(0, 300), { optimizer: adam({ lr: 0.01 }), epochs: 20, key: key(1) }).finish();
 * const next = model.forecast(series.subarray(0, 300)); // [6][1], about series[300], ...
 * const { rmse } = model.backtest(series, { from: 300 }); // over what it has not seen
 * ```
 */
export class Forecaster extends Module<ForecastInput, Tensor> {
  readonly features: number;
  readonly length: number;
  readonly horizon: number;
  readonly targets: readonly number[];
  readonly known: readonly number[];
  readonly difference: number;
  readonly rnn: Recurrent<RecurrentOutput>;
  readonly head: Linear;
  /** Mean of each feature, once it is fitted. */
  readonly mean: Buffer;
  /** Standard deviation of each feature; 0 before it is fitted. */
  readonly scale: Buffer;

  /** @throws ConfigError for sizes that are no positive integers, and for targets or known features that are none */
  constructor(options: ForecasterConfig) {
    super();
    const {
      features,
      length,
      horizon,
      targets = [0],
      known = [],
      difference = 0,
      type = 'lstm',
      key,
      ...config
    } = options;
    for (const [name, value] of Object.entries({ features, length, horizon })) checks.checkSize(this, name, value);
    checks.checkNumber(this, 'difference', difference, { min: 0 });
    for (const [name, list] of Object.entries({ targets, known })) {
      const wrong = list.find((feature) => !Number.isInteger(feature) || feature < 0 || feature >= features);
      if (wrong !== undefined) {
        throw new ConfigError(this.where, `${name}: ${wrong} is not a feature from 0 to ${features - 1}`);
      }
    }
    if (targets.length === 0 || targets.some((target) => known.includes(target))) {
      throw new ConfigError(this.where, 'there must be targets, and a target cannot be known in advance');
    }
    this.features = features;
    this.length = length;
    this.horizon = horizon;
    this.targets = targets;
    this.known = known;
    this.difference = difference;
    this.rnn = recurrentOf(this.where, type, { ...config, in: features, key: key.child('rnn') });
    const inputs = this.rnn.size + horizon * known.length;
    this.head = new Linear({ in: inputs, out: horizon * targets.length, key: key.child('head') });
    this.mean = new Buffer(zeros([features]));
    this.scale = new Buffer(zeros([features]));
  }

  /** Scaled forecasts `[batch, horizon, targets]`. */
  forward({ x, known }: ForecastInput, ctx: Context = EVAL): Tensor {
    const { last } = this.rnn.forward(x, ctx);
    const batch = x.shape[0];
    const given = this.known.length > 0 && known ? [reshape(known, [batch, this.horizon * this.known.length])] : [];
    const y = this.head.forward(given.length > 0 ? concat([last, ...given], 1) : last);
    return reshape(y, [batch, this.horizon, this.targets.length]);
  }

  /** `[length, features]` to `[horizon, targets]` */
  outputShape(input: Shape): Shape {
    this.rnn.outputShape(input);
    return [this.horizon, this.targets.length];
  }

  /**
   * Learns the scales of the features, then trains. Gives a run, as `fit` of `@dl/core` does: iterate it, or `finish()` it.
   *
   * @param series the past, `[time, features]`
   * @throws NumericsError for NaN or Infinity in the series; ShapeError and ConfigError for a series that does not fit
   */
  fit(series: ForecastSeries, options: ForecasterFitOptions): Run<ForecastInput, Tensor, WindowBatch> {
    const { loss = mse, batch = 32, key, optimizer, epochs, signal, checkFinite } = options;
    const { changes } = this.#read(series);
    const scaler = standardScaler(changes);
    this.mean.assign(Float32Array.from(scaler.mean));
    this.scale.assign(Float32Array.from(scaler.scale));
    const data = windows(this.#scaled(changes), {
      length: this.length,
      horizon: this.horizon,
      targets: [...this.targets, ...this.known],
    });
    const [order, draws] = [key.child('order'), key.child('draws')];
    return fit<ForecastInput, Tensor, WindowBatch>(this, {
      data: data.shuffle(order).batch(batch),
      loss: {
        compute: (model, { x, y }, ctx) => {
          const count = this.targets.length;
          const target = slice(y, [0, 0, 0], [-1, -1, count]);
          const known = this.known.length > 0 ? slice(y, [0, 0, count], [-1, -1, -1]) : undefined;
          const prediction = model.forward({ x, known }, ctx);
          return { loss: loss(prediction, target), prediction, target };
        },
      },
      optimizer,
      epochs,
      key: draws,
      signal,
      checkFinite,
    });
  }

  /**
   * The `horizon` steps that follow a series.
   *
   * @param series the past: at least `length` steps, and `difference` more
   * @param future `[horizon, known]` the known features of the time that is forecast; where there are some
   * @returns `[horizon][targets]` in the units of the series
   * @throws NotFittedError before `fit`
   */
  forecast(series: ForecastSeries, future?: ManyFeatures): number[][] {
    const { values, changes, steps } = this.#read(series);
    if (steps < this.length + this.difference) throw this.#tooShort(steps, this.length + this.difference);
    const known = this.#future(future);
    const scaled = this.#scaled(changes);
    const start = (steps - this.difference - this.length) * this.features;
    const x = scaled.data.slice(start);
    const y = this.#run(x, known, 1);
    const rows = this.horizon * this.targets.length;
    const flat = this.#restored(y, (step, target) => values[step * this.features + target]!, steps, rows);
    return Array.from({ length: this.horizon }, (_, k) => [
      ...flat.subarray(k * this.targets.length, (k + 1) * this.targets.length),
    ]);
  }

  /**
   * Forecasts from every step of a series on, each from what lies before it, and compares with what came.
   *
   * @param series `[time, features]`
   * @param options the first step that is forecast
   * @throws NotFittedError before `fit`
   */
  backtest(series: ForecastSeries, { from }: { from: number }): Backtest {
    const { values, changes, steps } = this.#read(series);
    const least = this.length + this.difference;
    if (!Number.isInteger(from) || from < least || from + this.horizon > steps) {
      throw new ConfigError(
        this.where,
        `from must be a step from ${least} to ${steps - this.horizon} of this series, it is ${from}`,
      );
    }
    const scaled = this.#scaled(changes).data;
    const { features, targets, known, horizon, difference } = this;
    const origins = steps - horizon - from + 1;
    const size = horizon * targets.length;
    const shape = [origins, horizon, targets.length];
    const forecast = new Float32Array(origins * size);
    const actual = new Float32Array(origins * size);
    const CHUNK = 256;
    for (let first = 0; first < origins; first += CHUNK) {
      const count = Math.min(CHUNK, origins - first);
      const x = new Float32Array(count * this.length * features);
      const ahead = new Float32Array(count * horizon * known.length);
      for (let i = 0; i < count; i++) {
        const at = from + first + i - difference; // the first step that is forecast, among the changes
        x.set(scaled.subarray((at - this.length) * features, at * features), i * this.length * features);
        for (let k = 0; k < horizon; k++) {
          for (const [j, feature] of known.entries()) {
            ahead[(i * horizon + k) * known.length + j] = scaled[(at + k) * features + feature]!;
          }
        }
      }
      const y = this.#run(x, ahead, count);
      for (let i = 0; i < count; i++) {
        const at = from + first + i;
        const value = (step: number, feature: number) => values[step * features + feature]!;
        forecast.set(this.#restored(y.subarray(i * size, (i + 1) * size), value, at, size), (first + i) * size);
        for (let k = 0; k < horizon; k++) {
          for (const [j, target] of targets.entries()) {
            actual[(first + i) * size + k * targets.length + j] = value(at + k, target);
          }
        }
      }
    }
    const mean = (f: (error: number) => number) =>
      Array.from({ length: horizon }, (_, k) =>
        targets.map((_target, j) => {
          let sum = 0;
          for (let i = 0; i < origins; i++) {
            const at = i * size + k * targets.length + j;
            sum += f(forecast[at]! - actual[at]!);
          }
          return sum / origins;
        }),
      );
    return {
      forecast: { data: forecast, shape },
      actual: { data: actual, shape },
      rmse: mean((error) => error * error).map((row) => row.map(Math.sqrt)),
      mae: mean(Math.abs),
    };
  }

  /** A series as numbers, checked, and the changes of its targets (the values themselves of all else). */
  #read(series: ForecastSeries): { values: Float64Array; changes: NdArray<Float64Array>; steps: number } {
    const { data, shape } = tableOf(series);
    const { features, difference } = this;
    if ((shape.length === 1 ? 1 : shape[1]) !== features || shape.length > 2) {
      throw new ShapeError(this.where, `the series must have ${features} features at each step`, [
        { label: 'series', shape },
        { label: 'wanted', shape: [shape[0] ?? 0, features], axes: ['time', 'features'] },
      ]);
    }
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new NumericsError(
        `${this.where}: the series is ${data[bad]} at step ${Math.floor(bad / features)}, feature ${bad % features}`,
      );
    }
    const steps = shape[0]!;
    if (steps <= difference) throw this.#tooShort(steps, difference + 1);
    const changes = data.slice(difference * features);
    if (difference > 0) {
      for (let at = 0; at < changes.length; at++) {
        if (this.targets.includes(at % features)) changes[at]! -= data[at]!;
      }
    }
    return { values: data, changes: { data: changes, shape: [steps - difference, features] }, steps };
  }

  #tooShort(steps: number, least: number): ConfigError {
    return new ConfigError(this.where, `the series has ${steps} steps, ${least} are needed`, 'give a longer past');
  }

  #scaled({ data, shape }: NdArray<Float64Array>): NdArray<Float32Array> {
    const [mean, scale] = [this.mean.value.dataSync(), this.scale.value.dataSync()];
    if (scale[0] === 0)
      throw new NotFittedError(`${this.where}: call fit(series) first, or load a model that was fitted`);
    const { features } = this;
    return { data: Float32Array.from(data, (value, i) => (value - mean[i % features]!) / scale[i % features]!), shape };
  }

  /** The known features of the future, scaled. */
  #future(future: ManyFeatures | undefined): Float32Array {
    const { known, horizon } = this;
    if (known.length === 0) return new Float32Array(0);
    const { data, shape } = future === undefined ? { data: [], shape: [] } : tableOf(future);
    if (data.length !== horizon * known.length) {
      throw new ShapeError(this.where, 'the known features of the time that is forecast are needed', [
        { label: 'future', shape },
        { label: 'wanted', shape: [horizon, known.length], axes: ['horizon', 'known'] },
      ]);
    }
    const [mean, scale] = [this.mean.value.dataSync(), this.scale.value.dataSync()];
    return Float32Array.from(data, (value, i) => {
      const feature = known[i % known.length]!;
      return (value - mean[feature]!) / scale[feature]!;
    });
  }

  /** Scaled forecasts of scaled windows. */
  #run(x: Float32Array, known: Float32Array, count: number): Float32Array {
    return tidy(() => {
      const y = this.forward({
        x: tensor(x, [count, this.length, this.features]),
        ...(this.known.length > 0 && { known: tensor(known, [count, this.horizon, this.known.length]) }),
      });
      return y.dataSync() as Float32Array;
    });
  }

  /** A forecast `[horizon, targets]` in the units of the series. */
  #restored(
    y: Float32Array,
    value: (step: number, feature: number) => number,
    origin: number,
    size: number,
  ): Float32Array {
    const [mean, scale] = [this.mean.value.dataSync(), this.scale.value.dataSync()];
    const { targets, difference } = this;
    const out = new Float32Array(size);
    for (let at = 0; at < size; at++) {
      const [k, j] = [Math.floor(at / targets.length), at % targets.length];
      const target = targets[j]!;
      const change = y[at]! * scale[target]! + mean[target]!;
      const before =
        difference === 0
          ? 0
          : k < difference
            ? value(origin + k - difference, target)
            : out[(k - difference) * targets.length + j]!;
      out[at] = before + change;
    }
    return out;
  }
}

/** A series as one array with its shape. */
function tableOf(series: ForecastSeries): NdArray<Float64Array> {
  if (ArrayBuffer.isView(series)) return { data: Float64Array.from(series), shape: [series.length] };
  if ('shape' in series) return { data: Float64Array.from(series.data), shape: series.shape };
  const rows = series as readonly (number | readonly number[])[];
  const width = Array.isArray(rows[0]) ? rows[0].length : undefined;
  if (rows.some((row) => (Array.isArray(row) ? row.length : undefined) !== width)) {
    throw new ShapeError('Forecaster', 'the rows of the series differ in length');
  }
  return {
    data: Float64Array.from((rows as readonly number[][]).flat()),
    shape: width === undefined ? [rows.length] : [rows.length, width],
  };
}
