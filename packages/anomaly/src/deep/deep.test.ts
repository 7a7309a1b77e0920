import { FormatError, init, key, NumericsError } from '@dl/core';
import { memory, tensor as tensorOf } from '@dl/core/ops';
import { beforeAll, describe, expect, test } from 'vitest';
import { ParameterError, TaskError } from '../errors';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import * as deep from '.';
import { applyLayers, buildStack, planLayers } from './dense-layers';
import { weightsOf } from './weights';

beforeAll(() => init());

/** Rows on a plane in four dimensions, with a little noise. */
const noise = key(1).normal([90, 4]);
const all = Array.from({ length: 90 }, (_, i) => {
  const [a, b] = [Math.sin(i), Math.cos(2.3 * i)];
  return [a + b, a - b, 2 * a, b].map((value, f) => value + 0.03 * noise[4 * i + f]!);
});
const rows = all.slice(0, 80);
const inside = all.slice(80);
const outside = [
  [2, 2, -3, 3],
  [-2, 2.5, 2, 2],
];
const OPTIONS = { epochs: 40, batchSize: 16, learningRate: 0.01 };
const cases = [
  { name: 'AutoEncoder', make: (options = {}) => new deep.novelty.AutoEncoder({ ...OPTIONS, ...options }) },
  {
    name: 'VariationalAutoEncoder',
    make: (options = {}) => new deep.novelty.VariationalAutoEncoder({ ...OPTIONS, beta: 0.05, ...options }),
  },
  { name: 'DeepSVDD', make: (options = {}) => new deep.novelty.DeepSVDD({ ...OPTIONS, epochs: 10, ...options }) },
  { name: 'LUNAR', make: (options = {}) => new deep.novelty.LUNAR({ ...OPTIONS, hiddenSizes: [16, 16], ...options }) },
] as const;

describe.each(cases)('$name', ({ make }) => {
  test('tells outliers from clean rows, leaves no tensor, and is drawn by its key alone', () => {
    const before = memory().numTensors;
    const detector = make().fit(rows);
    expect(memory().numTensors).toBe(before);
    expect([...detector.predict(outside)]).toEqual([-1, -1]);
    const scores = detector.scoreSamples(inside);
    expect(Math.max(...detector.scoreSamples(outside))).toBeLessThan(Math.min(...scores));
    expect(make().fit(rows).scoreSamples(inside)).toEqual(scores);
    expect(
      make({ key: key(5) })
        .fit(rows)
        .scoreSamples(inside),
    ).not.toEqual(scores);
  });

  test('its file gives the same scores, and a file that does not fit is refused', () => {
    const detector = make({ epochs: 2 }).fit(rows);
    const bytes = encodeDetector(detector);
    const copy = decodeDetector(bytes, deep);
    if (copy.task !== 'novelty') throw new Error('another task');
    expect(copy.options).toEqual(detector.options);
    expect(copy.offset).toBe(detector.offset);
    expect(copy.scoreSamples(inside)).toEqual(detector.scoreSamples(inside));
    expect(copy.scoreSamples([inside[3]!])[0]).toBe(detector.scoreSamples(inside)[3]);
    expect(() => decodeDetector(bytes)).toThrow(FormatError);
    expect(() => decodeDetector(bytes)).toThrow('@dl/anomaly/deep');
    const { state } = detector.knowledge;
    const broken = Object.fromEntries(Object.entries(state).map(([name, values]) => [name, values.slice(1)]));
    const wrong = encodeDetector(detector.like({ ...detector.knowledge, state: broken }));
    expect(() => decodeDetector(wrong, deep)).toThrow(FormatError);
  });

  test('options out of range are refused', () => {
    expect(() => make({ epochs: 0 })).toThrow(ParameterError);
    expect(() => make({ hiddenSizes: [] })).toThrow('a list of ints in the range [1, inf)');
    expect(() => make({ hiddenSizes: [2.5] })).toThrow(ParameterError);
  });
});

test('contributions add up to the negative score, and name the feature that is wrong', () => {
  for (const { make } of cases.slice(0, 2)) {
    const detector = make().fit(rows) as deep.novelty.AutoEncoder;
    const scores = detector.scoreSamples(outside);
    const contributions = detector.explain(outside);
    for (let i = 0; i < 2; i++) {
      const row = contributions.subarray(4 * i, 4 * i + 4);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(-scores[i]!, 12);
    }
    const constant = [1, 0, 0, 0];
    const bumped = detector.explain([constant.map((value, f) => value + (f === 3 ? 6 : 0))]);
    expect(bumped.indexOf(Math.max(...bumped))).toBe(3);
  }
});

test('all but DeepSVDD judge the rows they learn', () => {
  for (const Judge of [deep.outlier.AutoEncoder, deep.outlier.VariationalAutoEncoder, deep.outlier.LUNAR]) {
    const judge = new Judge({ epochs: 10, batchSize: 16, learningRate: 0.01, contamination: 0.05 });
    const labels = judge.fitPredict([...rows, [6, 6, -9, 9]]);
    expect(labels.at(-1)).toBe(-1);
    expect(judge.scores).toHaveLength(81);
  }
  expect(deep.outlier).not.toHaveProperty('DeepSVDD');
  const novelty = new deep.novelty.DeepSVDD() as unknown as { fitPredict(x: number[][]): void };
  expect(() => novelty.fitPredict(rows)).toThrow(TaskError);
});

test('plain scoring computes what the network computes', () => {
  for (const activation of ['relu', 'elu', 'tanh', 'sigmoid'] as const) {
    const plan = planLayers([4, 5, 3], activation);
    using model = buildStack(plan, key(2));
    const matrix = { data: Float64Array.from(inside.flat()), rows: 10, columns: 4 };
    const plain = applyLayers(weightsOf(model), plan, matrix).data;
    using x = tensorOf(inside);
    using y = model.predict(x);
    const values = y.dataSync();
    for (let i = 0; i < 30; i++) expect(plain[i]).toBeCloseTo(values[i]!, 5);
  }
});

test('a collapsed network is refused', () => {
  // weight decay so strong that the network forgets everything
  expect(() => make0().fit(rows)).toThrow(NumericsError);
  expect(() => make0().fit(rows)).toThrow('collapsed');
});

const make0 = () =>
  new deep.novelty.DeepSVDD({ hiddenSizes: [2, 1], weightDecay: 1000, learningRate: 0.05, epochs: 60 });
