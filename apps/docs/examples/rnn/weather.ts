import { weather } from 'dl:data';
import { lineChart, progress } from 'dl:display';
import { init, key } from '@dl/core';
import { adam } from '@dl/core/optim';
import { Forecaster } from '@dl/rnn';

await init();

// Tomorrow's highest temperature in Seattle, from the last week and the season.
const { dates, maximum, minimum, wind } = await weather();
const season = dates.map((date) => (2 * Math.PI * (Date.parse(date) % (365.25 * 86_400_000))) / (365.25 * 86_400_000));
const series = season.map((angle, t) => [maximum[t]!, minimum[t]!, wind[t]!, Math.sin(angle), Math.cos(angle)]);
const from = Math.floor(0.8 * series.length);

const model = new Forecaster({
  features: 5,
  length: 7,
  horizon: 1,
  known: [3, 4],
  hidden: 12,
  recurrentDropout: 0.2,
  key: key(0),
});
const epochs = 12;
const run = model.fit(series.slice(0, from), { optimizer: adam({ lr: 5e-3 }), epochs, key: key(1) });
const losses: number[] = [];
for await (const { index, loss } of run.epochs()) {
  losses.push(loss);
  lineChart('Loss', { 'mean squared error, scaled': losses }, { xLabel: 'epoch' });
  progress((index + 1) / epochs);
}

// Days that it has not seen, each forecast from those before.
const { rmse, forecast, actual } = model.backtest(series, { from });
const days = 60;
lineChart(
  `The last ${days} days, °C`,
  { actual: actual.data.slice(-days), forecast: forecast.data.slice(-days) },
  { xLabel: 'day' },
);

let squares = 0;
for (let t = from; t < maximum.length; t++) squares += (maximum[t]! - maximum[t - 1]!) ** 2;
console.log(`LSTM: off by ${rmse[0]![0]!.toFixed(2)} °C`);
console.log(`Tomorrow as today: off by ${Math.sqrt(squares / (maximum.length - from)).toFixed(2)} °C`);
