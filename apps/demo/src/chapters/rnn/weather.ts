import type { Section } from '../../chapter';
import { leastSquares, rmse } from '../../least-squares';
import { table } from '../../table';
import { type Day, readSeattleWeather } from '../../vega';
import { forecastBySeeds } from './forecast';
import { forecastPicture } from './forecast-picture';

const LENGTH = 14;

/** Tomorrow's highest temperature in Seattle. */
export const weather: Section = {
  name: 'forecast: Seattle weather',
  title:
    'Tomorrow in Seattle: the highest temperature from the last days, an LSTM against persistence and linear autoregression',
  async run(stage) {
    const days = await readSeattleWeather();
    const from = Math.floor(days.length * 0.8);
    const highs = days.map(({ high }) => high);
    const actual = highs.slice(from);
    const seasons = days.map(seasonOf);

    const persistence = rmse(highs.slice(from - 1, -1), actual);
    const seen = (t: number) => [1, ...highs.slice(t - LENGTH, t), ...seasons[t]!];
    const learnt = Array.from({ length: from - LENGTH }, (_, i) => i + LENGTH);
    const weights = leastSquares(
      learnt.map(seen),
      learnt.map((t) => highs[t]!),
    );
    const linear = rmse(
      actual.map((_, i) => seen(from + i).reduce((sum, value, j) => sum + value * weights[j]!, 0)),
      actual,
    );

    const seeds = stage.full ? [0, 1, 2, 3, 4] : [0, 1, 2];
    const { errors, mean, forecast } = await forecastBySeeds(
      {
        series: days.map(({ high, low, rain, wind }, t) => [high, low, Math.log1p(rain), wind, ...seasons[t]!]),
        from,
        config: { length: 7, known: [4, 5], hidden: 12, recurrentDropout: 0.2 },
        epochs: 25,
        lr: 5e-3,
      },
      seeds,
      stage,
    );
    stage.print(`The last ${actual.length} of ${days.length} days are held out; error in °C (root mean square):`);
    stage.print(
      table(
        ['forecast', 'error', ''],
        [
          ['tomorrow as today', persistence.toFixed(3), ''],
          [`linear, of the last ${LENGTH} days and the season`, linear.toFixed(3), ''],
          [
            'LSTM, of the last 7 days and the season',
            mean.toFixed(3),
            `mean of ${seeds.length} seeds: ${errors.map((error) => error.toFixed(3)).join(', ')}`,
          ],
        ],
      ),
    );
    stage.print('\nThe last 72 of these days:');
    for (const line of forecastPicture(actual.slice(-72), Array.from(forecast).slice(-72), PICTURE)) stage.print(line);
    return {
      result: `error ${mean.toFixed(2)} °C`,
      reference: `below the linear forecast, ${linear.toFixed(2)} °C`,
      reached: mean < linear,
    };
  },
};

const PICTURE = { width: 72, height: 12, unit: 'degrees Celsius' };

/** Where in the year a day lies, on a circle. */
function seasonOf({ date }: Day): [number, number] {
  const days = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  const angle = (2 * Math.PI * days) / 365.25;
  return [Math.sin(angle), Math.cos(angle)];
}
