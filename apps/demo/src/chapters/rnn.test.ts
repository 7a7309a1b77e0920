import { init, key, memory } from '@dl/core';
import { beforeAll, expect, test } from 'vitest';
import { leastSquares, rmse } from '../least-squares';
import { readMobyDick } from '../moby-dick';
import { readCo2, readSeattleWeather } from '../vega';
import { forecastPicture } from './rnn/forecast-picture';
import { weather } from './rnn/weather';

beforeAll(async () => {
  await init();
});

test('tomorrow in Seattle: the LSTM is better than the linear forecast', { timeout: 120_000 }, async () => {
  const lines: string[] = [];
  const before = memory().numTensors;
  const stage = { print: (text = '') => void lines.push(text), full: false, signal: new AbortController().signal };
  const { reached } = await weather.run(stage);
  expect(reached, lines.join('\n')).toBe(true);
  expect(memory().numTensors).toBe(before);
});

test('the data are whole', async () => {
  const [days, months, text] = await Promise.all([readSeattleWeather(), readCo2(), readMobyDick(2)]);
  expect(days.length).toBe(1461);
  expect(days.every(({ date, high, rain }) => date.getTime() > 0 && Number.isFinite(high) && rain >= 0)).toBe(true);
  expect(months.length).toBe(741);
  expect(months[0]).toEqual({ month: '1958-03', ppm: 315.7 });
  expect(text).toContain('Call me Ishmael.');
});

test('least squares finds the line that the points lie on', () => {
  const x = [...key(0).normal(30)];
  const weights = leastSquares(
    x.map((value, i) => [1, value, i]),
    x.map((value, i) => 3 - 2 * value + 0.5 * i),
  );
  for (const [i, weight] of [3, -2, 0.5].entries()) expect(weights[i]).toBeCloseTo(weight, 5);
  expect(rmse([1, 2], [1, 4])).toBeCloseTo(Math.SQRT2, 12);
});

test('the picture of a forecast', () => {
  const lines = forecastPicture([1, 2, 3], [1, 3, 2], { width: 10, height: 3, unit: 'm' });
  expect(lines[0]).toMatch(/^3.0 .*○.*·$/);
  expect(lines[2]).toMatch(/^1.0 .*●/);
  expect(lines.length).toBe(4);
});
