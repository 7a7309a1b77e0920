import type { Section } from '../../chapter';
import { leastSquares, rmse } from '../../least-squares';
import { table } from '../../table';
import { readCo2 } from '../../vega';
import { forecastBySeeds } from './forecast';
import { forecastPicture } from './forecast-picture';

const LENGTH = 24;

/** Next month's carbon dioxide at Mauna Loa: a trend that leaves the range of the past, with seasons. */
export const co2: Section = {
  name: 'forecast: carbon dioxide',
  title: 'Next month at Mauna Loa: carbon dioxide, an LSTM on its changes against three simpler forecasts',
  async run(stage) {
    const months = await readCo2();
    const from = Math.ceil(months.length * 0.8);
    const ppm = months.map((month) => month.ppm);
    const actual = ppm.slice(from);

    const persistence = rmse(ppm.slice(from - 1, -1), actual);
    const seasonal = rmse(
      actual.map((_, i) => ppm[from + i - 12]! + ppm[from + i - 1]! - ppm[from + i - 13]!),
      actual,
    );
    const seen = (t: number) => [1, ...ppm.slice(t - LENGTH, t)];
    const learnt = Array.from({ length: from - LENGTH }, (_, i) => i + LENGTH);
    const weights = leastSquares(
      learnt.map(seen),
      learnt.map((t) => ppm[t]!),
    );
    const linear = rmse(
      actual.map((_, i) => seen(from + i).reduce((sum, value, j) => sum + value * weights[j]!, 0)),
      actual,
    );

    const seeds = stage.full ? [0, 1, 2, 3, 4] : [0, 1, 2];
    const { errors, mean, forecast } = await forecastBySeeds(
      {
        series: months.map(({ ppm, month }) => [ppm, ...seasonOf(Number(month.slice(5)))]),
        from,
        config: { length: LENGTH, known: [1, 2, 3, 4], difference: 1, hidden: 32 },
        epochs: 40,
        lr: 5e-3,
      },
      seeds,
      stage,
    );
    stage.print(`The last ${actual.length} of ${months.length} months are held out; error in ppm (root mean square):`);
    stage.print(
      table(
        ['forecast', 'error', ''],
        [
          ['next month as this one', persistence.toFixed(3), ''],
          ['as a year ago, with the growth of the year', seasonal.toFixed(3), ''],
          [`linear, of the last ${LENGTH} months`, linear.toFixed(3), ''],
          [
            `LSTM, of the changes of ${LENGTH} months and the season`,
            mean.toFixed(3),
            `mean of ${seeds.length} seeds: ${errors.map((error) => error.toFixed(3)).join(', ')}`,
          ],
        ],
      ),
    );
    stage.print('\nThe last 72 of these months:');
    for (const line of forecastPicture(actual.slice(-72), Array.from(forecast).slice(-72), PICTURE)) stage.print(line);
    const best = Math.min(seasonal, linear);
    return {
      result: `error ${mean.toFixed(3)} ppm`,
      reference: `below the best of the others, ${best.toFixed(3)} ppm`,
      reached: mean < best,
    };
  },
};

const PICTURE = { width: 72, height: 12, unit: 'parts per million' };

/** Where in the year a month lies: two waves on a circle. */
function seasonOf(month: number): number[] {
  return [1, 2].flatMap((wave) => {
    const angle = (2 * Math.PI * wave * month) / 12;
    return [Math.sin(angle), Math.cos(angle)];
  });
}
