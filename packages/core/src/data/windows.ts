import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { ConfigError, ShapeError } from '../errors';
import { IndexedDataset } from './dataset';
import { type NdArray, type NestedNumbers, toNdArray } from './nd-array';

/** A series: one number a time step, or `[time, features]`. */
export type Series = Float32Array | Float64Array | NdArray | NestedNumbers;

/** How windows are cut from a series. */
export interface WindowOptions {
  /** Time steps of a window. */
  length: number;
  /**
   * Time steps between the starts of two windows.
   * @default 1
   */
  stride?: number;
}

/** As `WindowOptions`, with what is to be predicted. */
export interface ForecastOptions extends WindowOptions {
  /** Time steps to predict. */
  horizon: number;
  /**
   * Time steps between the end of the window and the first that is predicted.
   * @default 0
   */
  gap?: number;
  /**
   * The features to predict.
   * @default all
   */
  targets?: readonly number[];
}

/**
 * Windows of a time series: x the steps that are seen, y the `horizon` steps that follow. Nothing is copied before a
 * batch is made. The windows follow each other in time: split them before a shuffle and without a key, or windows of
 * the test part overlap those of the training part. Keras's `timeseries_dataset_from_array`.
 *
 * @param series `[time]` or `[time, features]`
 * @returns examples x `[length, features]`, y `[horizon, targets]`; without a horizon, x alone
 * @throws ConfigError where the series is shorter than one window
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { windows } from '@dl/core/data';
 *
 * await init();
 * const series = Float32Array.from({ length: 1000 }, (_, t) => Math.sin(t / 10));
 * const [train, test] = windows(series, { length: 48, horizon: 12 }).split([0.8, 0.2]);
 * const batches = train.shuffle(key(0)).batch(64); // x [64, 48, 1], y [64, 12, 1]
 * ```
 */
export function windows(series: Series, options: ForecastOptions): IndexedDataset<{ x: NdArray; y: NdArray }>;
export function windows(
  series: Series,
  options: WindowOptions & { horizon?: undefined },
): IndexedDataset<{ x: NdArray }>;
export function windows(
  series: Series,
  options: Omit<ForecastOptions, 'horizon'> & { horizon?: number | undefined },
): IndexedDataset<{ x: NdArray; y: NdArray }> | IndexedDataset<{ x: NdArray }> {
  const { length, horizon = 0, gap = 0, stride = 1 } = options;
  for (const [name, value, least] of [
    ['length', length, 1],
    ['horizon', options.horizon ?? 1, 1],
    ['gap', gap, 0],
    ['stride', stride, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new ConfigError('windows', `${name} is ${value}`, `give a whole number of time steps from ${least}`);
    }
  }
  const { data, shape } = toNdArray(series)!;
  if (shape.length < 1 || shape.length > 2) {
    throw new ShapeError('windows', 'a series is [time] or [time, features]', [{ label: 'series', shape }]);
  }
  const [steps = 0, features = 1] = shape;
  const all = Array.from({ length: features }, (_, i) => i);
  const targets = options.targets ?? all;
  const stranger = targets.find((target) => !all.includes(target));
  if (stranger !== undefined || targets.length === 0) {
    throw new ConfigError('windows', `targets [${targets}] of a series with ${features} features, counted from 0`);
  }
  const span = length + (horizon > 0 ? gap + horizon : 0);
  if (steps < span) {
    throw new ConfigError(
      'windows',
      `the series has ${steps} time steps, a window takes ${span} (length ${length}, gap ${gap}, horizon ${horizon})`,
      'give a longer series, or a smaller length or horizon',
    );
  }
  const count = Math.floor((steps - span) / stride) + 1;

  /** Copies the rows from time `start` on, those features only. */
  const copy = (out: Float32Array, at: number, start: number, rows: number, columns: readonly number[]) => {
    if (columns.length === features && columns.every((column, i) => column === i)) {
      out.set(data.subarray(start * features, (start + rows) * features), at);
      return;
    }
    for (let row = start; row < start + rows; row++) {
      for (const column of columns) out[at++] = data[row * features + column]!;
    }
  };
  const cut = (indices: ArrayLike<number>, offset: number, rows: number, columns: readonly number[]) => {
    const size = rows * columns.length;
    const out = new Float32Array(indices.length * size);
    for (let i = 0; i < indices.length; i++) copy(out, i * size, indices[i]! * stride + offset, rows, columns);
    return out;
  };
  const cutX = (indices: ArrayLike<number>) => cut(indices, 0, length, all);
  const cutY = (indices: ArrayLike<number>) => cut(indices, length + gap, horizon, targets);

  if (options.horizon === undefined) {
    return new IndexedDataset({
      length: count,
      at: (i): { x: NdArray } => ({ x: { data: cutX([i]), shape: [length, features] } }),
      gather: (indices): { x: Tensor } => ({ x: tensor(cutX(indices), [indices.length, length, features]) }),
    });
  }
  return new IndexedDataset({
    length: count,
    at: (i): { x: NdArray; y: NdArray } => ({
      x: { data: cutX([i]), shape: [length, features] },
      y: { data: cutY([i]), shape: [horizon, targets.length] },
    }),
    gather: (indices): { x: Tensor; y: Tensor } => ({
      x: tensor(cutX(indices), [indices.length, length, features]),
      y: tensor(cutY(indices), [indices.length, horizon, targets.length]),
    }),
  });
}
