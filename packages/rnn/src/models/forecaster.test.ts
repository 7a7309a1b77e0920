import { ConfigError, init, key, memory, NotFittedError, NumericsError, ShapeError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors } from '@dl/core/io';
import { tidy } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { beforeAll, expect, test } from 'vitest';
import { Forecaster } from './forecaster';

beforeAll(() => init());

/** A wave, and a number known in advance that is added to it. */
function series(steps: number): number[][] {
  const extra = key(4).normal(steps);
  return Array.from({ length: steps }, (_, t) => [20 + 4 * Math.sin(t / 3) + 2 * extra[t]!, extra[t]!]);
}

const config = { features: 2, length: 12, horizon: 3, known: [1], hidden: 16, key: key(0) };

test('forecasts several steps, with what is known in advance, and leaves nothing behind', async () => {
  using model = new Forecaster(config);
  const all = series(360);
  const optimizer = adam({ lr: 0.01 });
  const { numTensors } = memory();
  await model.fit(all.slice(0, 300), { optimizer, epochs: 25, key: key(1) }).finish();
  optimizer.dispose();
  const { rmse, mae, forecast, actual } = model.backtest(all, { from: 300 });
  expect(memory().numTensors).toBe(numTensors);
  expect(forecast.shape).toEqual([58, 3, 1]);
  for (let k = 0; k < 3; k++) {
    expect(rmse[k]![0]).toBeLessThan(1); // of a standard deviation of 3.5, 2 of which are known only by the extra number
    expect(mae[k]![0]).toBeLessThanOrEqual(rmse[k]![0]!);
  }
  // By hand: the root of the mean square, and the same forecast from the past alone.
  const errors = Array.from({ length: 58 }, (_, i) => forecast.data[3 * i]! - actual.data[3 * i]!);
  expect(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 58)).toBeCloseTo(rmse[0]![0]!, 5);
  expect(actual.data[3 * 5 + 1]).toBeCloseTo(all[306]![0]!, 4);
  const future = all.slice(305, 308).map((row) => [row[1]!]);
  const alone = model.forecast(all.slice(0, 305), future);
  for (let k = 0; k < 3; k++) expect(alone[k]![0]).toBeCloseTo(forecast.data[3 * 5 + k]!, 4);

  using twin = new Forecaster({ ...config, key: key(7) });
  const { tensors } = decodeSafetensors(encodeSafetensors(model.stateDict()));
  tidy(() => void twin.loadStateDict(new Map([...tensors].map(([name, stored]) => [name, stored.tensor()]))));
  expect(twin.forecast(all, future)).toEqual(model.forecast(all, future));
});

test('scales are learnt from the past that fit is given', () => {
  using model = new Forecaster(config);
  const all = series(100);
  model.fit(all.slice(0, 50), { optimizer: adam({ lr: 0.01 }), epochs: 1, key: key(1) });
  for (const feature of [0, 1]) {
    const past = all.slice(0, 50).map((row) => row[feature]!);
    const mean = past.reduce((a, b) => a + b, 0) / 50;
    const deviation = Math.sqrt(past.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 50);
    expect(model.mean.value.dataSync()[feature]).toBeCloseTo(mean, 4);
    expect(model.scale.value.dataSync()[feature]).toBeCloseTo(deviation, 4);
  }
});

test('changes against a season before: a trend with seasons goes on beyond what was seen', async () => {
  const trend = Float32Array.from({ length: 200 }, (_, t) => t + 10 * Math.sin((t * Math.PI) / 6));
  using model = new Forecaster({ features: 1, length: 12, horizon: 14, difference: 12, hidden: 8, key: key(0) });
  const optimizer = adam({ lr: 0.01 });
  await model.fit(trend.subarray(0, 150), { optimizer, epochs: 3, key: key(1) }).finish();
  optimizer.dispose();
  const next = model.forecast(trend.subarray(0, 150));
  expect(next.length).toBe(14); // longer than a season: forecasts stand on forecasts
  for (const [k, [value]] of next.entries()) expect(Math.abs(value! - trend[150 + k]!)).toBeLessThan(0.5);
  const { forecast } = model.backtest(trend, { from: 150 });
  for (let k = 0; k < 14; k++) expect(forecast.data[k]).toBeCloseTo(next[k]![0]!, 3);
});

test('what makes no sense is refused, by name', () => {
  using model = new Forecaster(config);
  const options = { optimizer: adam({ lr: 0.01 }), epochs: 1, key: key(1) };
  const all = series(40);
  expect(() => model.forecast(all, [[0], [0], [0]])).toThrow(NotFittedError);
  expect(() => model.fit(all.slice(0, 10), options)).toThrow(ConfigError);
  expect(() => model.fit([1, 2, 3], options)).toThrow(ShapeError);
  const broken = series(40);
  broken[7]![1] = NaN;
  expect(() => model.fit(broken, options)).toThrow(NumericsError);
  expect(() => model.fit(broken, options)).toThrow(/NaN at step 7, feature 1/);
  model.fit(all, options);
  expect(() => model.forecast(all)).toThrow(/known features/);
  expect(() => model.forecast(all.slice(0, 11), [[0], [0], [0]])).toThrow(/12 are needed/);
  expect(() => model.backtest(all, { from: 11 })).toThrow(/from 12 to 37/);
  expect(() => model.backtest(all, { from: 38 })).toThrow(ConfigError);
  expect(() => new Forecaster({ ...config, targets: [2] })).toThrow(/targets: 2/);
  expect(() => new Forecaster({ ...config, targets: [1] })).toThrow(/known in advance/);
  expect(() => new Forecaster({ ...config, horizon: 0 })).toThrow(ConfigError);
});
