import { mkdir, writeFile } from 'node:fs/promises';
import { readSeattleWeather } from '../../../demo/src/vega.ts';

/**
 * Writes `weather.json`: `{ dates, maximum, minimum, wind }`, arrays of one length, a number for each day of Seattle from 2012
 * to 2015; degrees Celsius and metres per second. From the package `vega-datasets`.
 */
export async function build(target: URL): Promise<void> {
  const days = await readSeattleWeather();
  await mkdir(target, { recursive: true });
  await writeFile(
    new URL('weather.json', target),
    JSON.stringify({
      dates: days.map(({ date }) => date.toISOString().slice(0, 10)),
      maximum: days.map(({ high }) => high),
      minimum: days.map(({ low }) => low),
      wind: days.map(({ wind }) => wind),
    }),
  );
}
