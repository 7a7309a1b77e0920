import { key, progress } from '@dl/core';
import { adam, cosine } from '@dl/core/optim';
import { Forecaster, type ForecasterConfig } from '@dl/rnn';
import type { Stage } from '../../chapter';

/** What a forecast one step ahead is tried on. */
export interface ForecastTask {
  /** `[time][features]`; the first feature is forecast. */
  series: readonly (readonly number[])[];
  /** The first step of the held-out span. */
  from: number;
  config: Omit<ForecasterConfig, 'features' | 'horizon' | 'key'>;
  epochs: number;
  lr: number;
}

/**
 * Trains a forecaster from several seeds on the past, and forecasts every step of the held-out span from those before it.
 *
 * @returns the errors by seed, and the forecasts of the last
 */
export async function forecastBySeeds(task: ForecastTask, seeds: readonly number[], { signal }: Stage) {
  const { series, from, config, epochs, lr } = task;
  const past = series.slice(0, from);
  const windows = from - config.length - (config.difference ?? 0);
  const errors: number[] = [];
  let last: { forecast: ArrayLike<number>; actual: ArrayLike<number> } | undefined;
  for (const seed of seeds) {
    const model = new Forecaster({ ...config, features: series[0]!.length, horizon: 1, key: key(seed) });
    const optimizer = adam({ lr: cosine({ lr, tMax: epochs * Math.ceil(windows / 32) }) });
    try {
      const run = model.fit(past, { optimizer, epochs, key: key(seed).child('fit'), signal });
      await progress(run, { bar: process.stderr.isTTY, stream: quiet }).finish();
      const { rmse, forecast, actual } = model.backtest(series, { from });
      errors.push(rmse[0]![0]!);
      last = { forecast: forecast.data, actual: actual.data };
    } finally {
      optimizer.dispose();
      model.dispose();
    }
  }
  return { errors, mean: errors.reduce((a, b) => a + b, 0) / errors.length, ...last! };
}

/** The bar alone: a line for each of many short epochs would fill the screen. */
const quiet = {
  write: (text: string) => (text.endsWith('\n') ? true : process.stderr.write(text)),
  isTTY: process.stderr.isTTY,
  columns: process.stderr.columns,
};
