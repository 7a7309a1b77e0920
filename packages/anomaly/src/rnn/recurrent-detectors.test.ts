import { DtypeError, FormatError, init, key, NumericsError, ShapeError } from '@dl/core';
import { memory } from '@dl/core/ops';
import { beforeAll, describe, expect, test } from 'vitest';
import { ParameterError, TaskError } from '../errors';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import * as rnn from '.';

beforeAll(() => init());

const WINDOW = 12;
const OPTIONS = {
  window: WINDOW,
  hidden: 8,
  batchSize: 32,
  learningRate: 0.02,
  epochs: 15,
  contamination: 0.02,
} as const;

/** Two waves of one period, the second late by a quarter. */
function waves(from: number, times: number): number[][] {
  return Array.from({ length: times }, (_, t) => [Math.sin((from + t) / 2), 3 * Math.cos((from + t) / 2)]);
}
const clean = waves(0, 240);
const later = waves(300, 80);
/** The same with one value off at time 50. */
const spiked = later.map(([a, b], t) => (t === 50 ? [a!, b! + 6] : [a!, b!]));
const first = (series: readonly number[][]) => Float64Array.from(series, (row) => row[0]!);

const cases = [
  {
    name: 'LSTMAutoEncoder',
    make: (options: rnn.RecurrentOptions = {}) => new rnn.novelty.LSTMAutoEncoder({ ...OPTIONS, ...options }),
    judge: new rnn.outlier.LSTMAutoEncoder({ ...OPTIONS, epochs: 2 }),
    needed: WINDOW,
  },
  {
    name: 'LSTMForecaster',
    make: (options: rnn.RecurrentOptions = {}) => new rnn.novelty.LSTMForecaster({ ...OPTIONS, ...options }),
    judge: new rnn.outlier.LSTMForecaster({ ...OPTIONS, epochs: 2 }),
    needed: WINDOW + 1,
  },
] as const;

describe.each(cases)('$name', ({ name, make, judge, needed }) => {
  test('finds the odd value at its time and in its feature, and is drawn by its key alone', () => {
    const before = memory().numTensors;
    const detector = make().fit(clean);
    const scores = detector.scoreSamples(spiked);
    expect(memory().numTensors).toBe(before);
    expect(scores).toHaveLength(80);
    expect(scores.indexOf(Math.min(...scores))).toBe(50);
    expect(detector.predict(spiked)[50]).toBe(-1);
    expect(detector.decisionFunction(spiked)[50]).toBe(scores[50]! - detector.offset);
    const contributions = detector.explain(spiked);
    expect(contributions.indexOf(Math.max(...contributions))).toBe(2 * 50 + 1);
    for (const t of [0, 20, 50, 79]) {
      expect(contributions[2 * t]! + contributions[2 * t + 1]!).toBeCloseTo(-scores[t]!, 8);
    }
    expect(make().fit(clean).scoreSamples(spiked)).toEqual(scores);
    expect(
      make({ key: key(5) })
        .fit(clean)
        .scoreSamples(spiked),
    ).not.toEqual(scores);
  });

  test('its file gives the same scores, and one that does not fit is refused', () => {
    const detector = make({ epochs: 1, layers: 2 }).fit(clean);
    const bytes = encodeDetector(detector);
    const copy = decodeDetector(bytes, rnn);
    if (copy.task !== 'novelty') throw new Error('another task');
    expect(copy.options).toEqual(detector.options);
    expect(copy.offset).toBe(detector.offset);
    expect(copy.scoreSamples(later)).toEqual(detector.scoreSamples(later));
    expect(() => decodeDetector(bytes)).toThrow('@dl/anomaly/rnn');
    const { state } = detector.knowledge;
    const wrong = { ...state, 'head.weight': (state['head.weight'] as Float32Array).slice(1) };
    const broken = encodeDetector(
      (detector as rnn.novelty.LSTMForecaster).like({ ...detector.knowledge, state: wrong }),
    );
    expect(() => decodeDetector(broken, rnn)).toThrow(FormatError);
  });

  test('a series of one feature is a list of numbers', () => {
    const series = first(clean);
    const scores = make({ epochs: 1 }).fit(series).scoreSamples(first(later));
    const rows = first(later);
    expect(
      make({ epochs: 1 })
        .fit([...series])
        .scoreSamples([...rows]),
    ).toEqual(scores);
    expect(
      make({ epochs: 1 })
        .fit({ data: series, shape: [240, 1] })
        .scoreSamples(Array.from(rows, (value) => [value])),
    ).toEqual(scores);
  });

  test('judges the times it learns', () => {
    const labels = judge.fitPredict(first(clean).map((value, t) => (t === 100 ? 9 : value)));
    expect(labels).toHaveLength(240);
    expect(labels[100]).toBe(-1);
    expect(judge.scores).toHaveLength(240);
    expect(judge.explain(first(clean))).toHaveLength(240);
    expect(() => (judge as unknown as { predict(x: number[]): void }).predict([1])).toThrow(TaskError);
  });

  test('series that are too short, or no series, are refused', () => {
    expect(() => make().fit(clean.slice(0, 2 * WINDOW - 1))).toThrow(ParameterError);
    const detector = make({ epochs: 1 }).fit(clean);
    expect(detector.scoreSamples(clean.slice(0, needed))).toHaveLength(needed);
    const short = () => detector.scoreSamples(clean.slice(0, needed - 1));
    expect(short).toThrow(ShapeError);
    expect(short).toThrow(`${name}: the series has ${needed - 1} times, and at least ${needed} are needed`);
    expect(() => detector.scoreSamples(first(later))).toThrow('X has 1 features');
    expect(() => detector.fit(first(clean).fill(Number.NaN, 3, 4))).toThrow(NumericsError);
    expect(() => detector.fit([1, 2, 'three'] as unknown as number[])).toThrow(DtypeError);
    expect(() => make({ window: 1 })).toThrow(ParameterError);
    expect(() => make({ hidden: 0 })).toThrow(ParameterError);
  });
});

test('autoencoder: a time has the mean error of all windows that hold it', () => {
  const detector = new rnn.novelty.LSTMAutoEncoder({ ...OPTIONS, epochs: 1 }).fit(clean);
  const series = spiked.slice(40, 70);
  const sums = new Float64Array(30);
  const counts = new Float64Array(30);
  for (let start = 0; start + WINDOW <= 30; start++) {
    for (const [i, score] of detector.scoreSamples(series.slice(start, start + WINDOW)).entries()) {
      sums[start + i]! += score;
      counts[start + i]! += 1;
    }
  }
  for (const [t, score] of detector.scoreSamples(series).entries()) {
    expect(score / (sums[t]! / counts[t]!)).toBeCloseTo(1, 4);
  }
});

test('forecaster: a time has the error of the forecast from the window before it', () => {
  const detector = new rnn.novelty.LSTMForecaster({ ...OPTIONS, epochs: 1 }).fit(clean);
  const scores = detector.scoreSamples(spiked);
  for (const t of [WINDOW, 30, 50, 55, 79]) {
    const alone = detector.scoreSamples(spiked.slice(t - WINDOW, t + 1));
    expect(alone[WINDOW]! / scores[t]!).toBeCloseTo(1, 4);
  }
  for (let t = 0; t < WINDOW; t++) expect(scores[t]).toBe(scores[WINDOW]);
});
