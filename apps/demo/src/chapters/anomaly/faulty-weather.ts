import { key, series, volumeUnderSurface } from '@dl/anomaly';
import colors from 'picocolors';
import type { Section } from '../../chapter';
import { table } from '../../table';
import { readSeattleWeather } from '../../vega';
import { injectFaults } from './inject-faults';

const COLUMNS = 100;
/** How often faults are drawn: one draw can be lucky. */
const DRAWS = 5;
/** Days of a window. */
const FORTNIGHT = 14;
const BARS = ' ▁▂▃▄▅▆▇█';

/** The largest value of each of so many stretches, as bars. */
function bars(values: ArrayLike<number>, columns: number): string {
  const stretches = stretchesOf(values, columns);
  const [low, high] = [Math.min(...stretches), Math.max(...stretches)];
  return stretches.map((v) => BARS[1 + Math.round(((v - low) / (high - low || 1)) * (BARS.length - 2))]!).join('');
}

function stretchesOf(values: ArrayLike<number>, columns: number): number[] {
  return Array.from({ length: columns }, (_, i) => {
    const [from, to] = [Math.floor((i * values.length) / columns), Math.floor(((i + 1) * values.length) / columns)];
    return Math.max(...Array.from(values).slice(from, to));
  });
}

/** The season of each time: a mean and two waves of a year, fitted to the clean years. */
function seasonOf(values: ArrayLike<number>, fitted: number): Float64Array {
  const waves = [0, 1, 2].flatMap((k) => [
    (t: number) => Math.cos((2 * Math.PI * k * t) / 365.25),
    ...(k > 0 ? [(t: number) => Math.sin((2 * Math.PI * k * t) / 365.25)] : []),
  ]);
  // Over whole years the waves are orthogonal.
  const sums = waves.map((wave) => {
    let [product, square] = [0, 0];
    for (let t = 0; t < fitted; t++) {
      product += wave(t) * values[t]!;
      square += wave(t) ** 2;
    }
    return product / square;
  });
  return Float64Array.from({ length: values.length }, (_, t) =>
    waves.reduce((sum, wave, i) => sum + sums[i]! * wave(t), 0),
  );
}

/** Faults in four years of daily temperatures, judged without a clean training series. */
export const faultyWeather: Section = {
  name: 'faults in a series',
  title: "Faults of five kinds in Seattle's daily temperatures, found by the recommended detector of series",
  async run({ print, signal }) {
    const days = await readSeattleWeather();
    const clean = Float64Array.from(days, ({ high }) => high);
    const fitted = 731; // 2012 and 2013
    const season = seasonOf(clean, fitted);
    const left = clean.map((value, t) => value - season[t]!);
    const size = Math.sqrt(left.subarray(0, fitted).reduce((sum, r) => sum + r * r, 0) / fitted);
    // The season is known to whoever measures temperatures: what is left of it is judged, a fortnight at a time.
    const { name, reason } = series.recommend('outlier', left);
    const Recommended = series.outlier[name] as typeof series.outlier.KMeansAD;
    const measured = key(6)
      .split(DRAWS)
      .map((draw) => {
        signal.throwIfAborted();
        const faulty = injectFaults(clean, season, size, draw);
        const judged = faulty.values.map((value, t) => value - season[t]!);
        const detector = new Recommended({ window: FORTNIGHT });
        detector.fitPredict(judged);
        const abnormality = detector.scores.map((score) => -score);
        const [ours, marks] = [abnormality.subarray(fitted), faulty.truth.subarray(fitted)];
        const random = draw.child('random').uniform(marks.length);
        const figure = (of: ArrayLike<number>) => volumeUnderSurface(of, marks, { window: FORTNIGHT }).vusPR;
        return { ...faulty, abnormality, vusPR: figure(ours), random: figure(random) };
      });
    const mean = (of: 'vusPR' | 'random') => measured.reduce((sum, one) => sum + one[of], 0) / DRAWS;
    const [vusPR, random] = [mean('vusPR'), mean('random')];
    const { values, truth, faults, abnormality } = measured[0]!;
    const ours = abnormality.subarray(fitted);

    print(`${name}: ${reason}`);
    print(`${bars(values, COLUMNS)}  temperature`);
    print(colors.yellow(`${bars(abnormality, COLUMNS)}  abnormality`));
    print(
      colors.red(
        `${stretchesOf(truth, COLUMNS)
          .map((mark) => (mark > 0 ? '▔' : ' '))
          .join('')}  faults`,
      ),
    );
    const date = (t: number) => days[t]!.date.toISOString().slice(0, 10);
    const sorted = Float64Array.from(ours).sort();
    print(
      table(
        ['fault', 'from', 'to', 'days more abnormal than its worst, %'],
        faults.map(({ kind, start, end }) => {
          const worst = Math.max(...abnormality.subarray(start, end));
          const above = sorted.filter((value) => value > worst).length / sorted.length;
          return [kind, date(start), date(end - 1), (100 * above).toFixed(1)];
        }),
      ),
    );
    print(
      `Mean over ${DRAWS} draws of the faults, of which the first is shown: VUS-PR ${vusPR.toFixed(3)}, of a random score ` +
        `${random.toFixed(3)}. A stuck sensor is as smooth as windows go, and hides best.`,
    );
    return {
      result: `VUS-PR ${vusPR.toFixed(2)}, random ${random.toFixed(2)}`,
      reference: 'at least 1.5 times that of a random score',
      reached: vusPR >= 1.5 * random,
    };
  },
};
