import type { Key } from '@dl/core';
import type { TextPair } from '@dl/seq2seq-attention';

/** Days from 1970-01-01 to 2069-12-31: a year of two digits is one of them and no other. */
const DAYS = 36_525;
const MS = 86_400_000;

const dateOf = (day: number) => new Date(day * MS);
const isoOf = (day: number) => dateOf(day).toISOString().slice(0, 10);

/** Every way in which Node writes a date in Korean: styles, calendars with their eras, weekdays, leading zeros. */
const formats: readonly Intl.DateTimeFormat[] = [
  ...(['full', 'long', 'medium', 'short'] as const).flatMap((dateStyle) => [
    new Intl.DateTimeFormat('ko-KR', { dateStyle, timeZone: 'UTC' }),
    ...(['japanese', 'roc', 'buddhist'] as const).map(
      (calendar) => new Intl.DateTimeFormat('ko-KR', { dateStyle, calendar, timeZone: 'UTC' }),
    ),
  ]),
  ...(
    [
      { year: 'numeric', month: '2-digit', day: '2-digit' },
      { year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short' },
      { year: 'numeric', month: 'long', day: 'numeric', weekday: 'short', era: 'long' },
      { year: 'numeric', month: 'short', day: 'numeric', weekday: 'long' },
    ] satisfies Intl.DateTimeFormatOptions[]
  ).map((options) => new Intl.DateTimeFormat('ko-KR', { ...options, timeZone: 'UTC' })),
];
const ranges = (['full', 'long', 'medium'] as const).map(
  (dateStyle) => new Intl.DateTimeFormat('ko-KR', { dateStyle, timeZone: 'UTC' }),
);

/** Parts of a duration: the unit of Intl, the letter of ISO 8601, the largest number, whether it is a time. */
const units = (
  [
    ['year', 'Y', 40, false],
    ['month', 'M', 11, false],
    ['day', 'D', 30, false],
    ['hour', 'H', 23, true],
    ['minute', 'M', 59, true],
  ] as const
).map(([unit, letter, most, isTime]) => ({
  letter,
  most,
  isTime,
  format: new Intl.NumberFormat('ko-KR', { style: 'unit', unit, unitDisplay: 'long' }),
}));

function date(day: number, key: Key): TextPair {
  return [key.choice(formats).format(dateOf(day)), isoOf(day)];
}

/** From a day to a later one, ISO 8601's `start/end`. */
function range(day: number, end: number, key: Key): TextPair {
  return [key.choice(ranges).formatRange(dateOf(day), dateOf(end)), `${isoOf(day)}/${isoOf(end)}`];
}

/** `1년 2개월 3일` to `P1Y2M3D`. */
function duration(key: Key): TextPair {
  const numbers = units.map(({ most }, i) => key.fold(i).integers(1, -most, most + 1)[0]!);
  if (numbers.every((n) => n <= 0)) numbers[2] = 1 - numbers[2]!;
  const used = units.flatMap((unit, i) => (numbers[i]! > 0 ? [{ ...unit, n: numbers[i]! }] : []));
  const part = (isTime: boolean) =>
    used
      .filter((unit) => unit.isTime === isTime)
      .map(({ n, letter }) => `${n}${letter}`)
      .join('');
  const time = part(true);
  return [used.map(({ n, format }) => format.format(n)).join(' '), `P${part(false)}${time && `T${time}`}`];
}

/** A day of the same set, up to about 400 days later; the days are in order. */
function laterDay(days: Uint32Array, at: number, key: Key): number {
  const steps = key.integers(1, 1, Math.round((400 * days.length) / DAYS))[0]!;
  return days[Math.min(days.length - 1, at + steps)]!;
}

/** Seven dates of ten, two ranges, one duration; three of ten without their spaces. */
function drawPair(days: Uint32Array, key: Key): TextPair {
  const [kind, which, how, spaces] = key.split(4);
  const share = kind.uniform(1)[0]!;
  const at = which.integers(1, 0, days.length)[0]!;
  const pair =
    share < 0.7
      ? date(days[at]!, how)
      : share < 0.9
        ? range(days[at]!, laterDay(days, at, which.fold(1)), how)
        : duration(how);
  return spaces.uniform(1)[0]! < 0.3 ? [pair[0].replaceAll(' ', ''), pair[1]] : pair;
}

/** Dates, ranges and durations in Korean, and in ISO 8601. No day, and no duration, of the test is in the training. */
export function koreanDates(
  key: Key,
  counts: { train: number; test: number },
): { train: TextPair[]; test: TextPair[] } {
  const [split, trainKey, testKey] = key.split(3);
  const order = split.permutation(DAYS);
  const draw = (days: Uint32Array, from: Key, count: number) =>
    Array.from({ length: count }, (_, i) => drawPair(days, from.fold(i)));
  const train = draw(order.slice(DAYS / 10).sort(), trainKey, counts.train);
  const known = new Set(train.map(([, iso]) => iso));
  const test = draw(order.slice(0, DAYS / 10).sort(), testKey, counts.test).filter(([, iso]) => !known.has(iso));
  return { train, test };
}
