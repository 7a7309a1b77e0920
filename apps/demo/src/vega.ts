import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file of the package `vega-datasets` with commas and a heading: its rows, by the names of the columns. */
export async function readVega(file: string): Promise<Record<string, string>[]> {
  const build = dirname(createRequire(import.meta.url).resolve('vega-datasets'));
  const [heading, ...rows] = (await readFile(join(build, '..', 'data', file), 'utf8')).trim().split(/\r?\n/);
  const names = heading!.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i]!]));
  });
}

/** A day in Seattle. */
export interface Day {
  date: Date;
  /** Degrees Celsius. */
  high: number;
  low: number;
  /** Millimetres. */
  rain: number;
  /** Metres a second. */
  wind: number;
}

/** Seattle's weather, 2012 to 2015, day by day. */
export async function readSeattleWeather(): Promise<Day[]> {
  return (await readVega('seattle-weather.csv')).map((row) => ({
    date: new Date(`${row.date!.replaceAll('/', '-')}T00:00:00Z`),
    high: Number(row.temp_max),
    low: Number(row.temp_min),
    rain: Number(row.precipitation),
    wind: Number(row.wind),
  }));
}

/** Carbon dioxide in the air at Mauna Loa in parts per million, 1958 to 2020, month by month. */
export async function readCo2(): Promise<{ month: string; ppm: number }[]> {
  return (await readVega('co2-concentration.csv')).map((row) => ({
    month: row.Date!.slice(0, 7),
    ppm: Number(row.CO2),
  }));
}
