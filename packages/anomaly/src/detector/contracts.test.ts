import { ConfigError, key, NotFittedError, NumericsError, ShapeError } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { ParameterError, TaskError } from '../errors';
import * as novelty from '../novelty';
import * as outlier from '../outlier';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import type { DataOptions } from './common-options';
import type { NoveltyDetector } from './novelty-detector';
import type { OutlierDetector } from './outlier-detector';

type AnyNovelty = NoveltyDetector<DataOptions, unknown>;
type AnyOutlier = OutlierDetector<DataOptions, unknown>;
const names = Object.keys(novelty) as (keyof typeof novelty)[];
const learner = (name: string, options: object = {}): AnyNovelty =>
  new (novelty as unknown as Record<string, new (options: object) => AnyNovelty>)[name]!(options);
const judge = (name: string, options: object = {}): AnyOutlier =>
  new (outlier as unknown as Record<string, new (options: object) => AnyOutlier>)[name]!(options);

/** Two blobs and some rows far from both. */
const blobs = Array.from(key(1).normal([300, 2]), (v, i) => v * 0.4 + (i % 2 === 0 ? 1 : -1) * (i < 300 ? 2 : -2));
const rows = Array.from({ length: 300 }, (_, i) => [blobs[2 * i]!, blobs[2 * i + 1]!]);
const later = Array.from({ length: 50 }, (_, i) => [Math.sin(i) * 4, Math.cos(2 * i) * 4]);

test('the same detectors for both tasks', () => {
  expect(Object.keys(outlier)).toEqual(Object.keys(novelty));
});

describe.each(names.map((name) => ({ name })))('$name', ({ name }) => {
  test('1: predictions are one integer a row, 1 or -1', () => {
    for (const labels of [judge(name).fitPredict(rows), learner(name).fit(rows).predict(later)]) {
      expect(labels).toBeInstanceOf(Int8Array);
      expect([...new Set(labels)].every((label) => label === 1 || label === -1)).toBe(true);
    }
    expect(judge(name).fitPredict(rows)).toHaveLength(300);
  });

  test('2, 3: predict is the sign of the decision, which is the score less the offset', () => {
    const detector = learner(name).fit(rows);
    const [scores, decisions, labels] = [
      detector.scoreSamples(later),
      detector.decisionFunction(later),
      detector.predict(later),
    ];
    for (let i = 0; i < later.length; i++) {
      expect(decisions[i]).toBe(scores[i]! - detector.offset);
      if (decisions[i] !== 0) expect(labels[i]).toBe(decisions[i]! > 0 ? 1 : -1);
    }
  });

  test('7: another number of features is refused by every method, with both numbers', () => {
    const detector = learner(name).fit(rows);
    for (const method of ['predict', 'decisionFunction', 'scoreSamples'] as const) {
      expect(() => detector[method]([[1, 2, 3]])).toThrow(ShapeError);
      expect(() => detector[method]([[1, 2, 3]])).toThrow(
        `X has 3 features, but ${name} is expecting 2 features as input`,
      );
    }
  });

  test('8, 9, 25: the score of a row depends on no other, nor on the order', () => {
    const detector = learner(name).fit(rows);
    const whole = detector.scoreSamples(later);
    const parts = [0, 1, 4, 20, 50].flatMap((from, i, cuts) =>
      i + 1 < cuts.length ? [...detector.scoreSamples(later.slice(from, cuts[i + 1]))] : [],
    );
    expect(parts).toEqual([...whole]);
    const order = [...key(3).permutation(50)];
    expect([...detector.scoreSamples(order.map((i) => later[i]!))]).toEqual(order.map((i) => whole[i]));
  });

  test('10: fitting twice gives the same', () => {
    const detector = learner(name).fit(rows);
    const first = detector.scoreSamples(later);
    expect(detector.fit(rows).scoreSamples(later)).toEqual(first);
    expect(learner(name).fit(later).fit(rows).scoreSamples(later)).toEqual(first);
  });

  test('11: one row or one feature works, or says what is missing', () => {
    try {
      learner(name)
        .fit([[1, 2]])
        .scoreSamples(later);
    } catch (error) {
      expect((error as Error).message).toMatch(/1 sample|n_samples = 1|minimum of/);
    }
    const single = learner(name).fit(rows.map(([x]) => [x!]));
    expect(single.scoreSamples([[0], [1]]).every(Number.isFinite)).toBe(true);
  });

  test('12: one axis, no rows, NaN and Infinity are refused in fit and in scoring', () => {
    const detector = learner(name).fit(rows);
    for (const [bad, kind, message] of [
      [[1, 2], ShapeError, 'Expected 2D array, got 1D array instead'],
      [[], ShapeError, 'Found array with 0 sample(s)'],
      [[[1, Number.NaN]], NumericsError, 'Input X contains NaN'],
      [[[1, Infinity]], NumericsError, 'Input X contains infinity'],
    ] as const) {
      const x = bad as unknown as number[][];
      for (const call of [
        () => judge(name).fitPredict(x),
        () => learner(name).fit(x),
        () => detector.predict(x),
        () => detector.decisionFunction(x),
        () => detector.scoreSamples(x),
      ]) {
        expect(call).toThrow(kind);
        expect(call).toThrow(message);
      }
    }
  });

  test('13, 14: unfitted use is refused, fit returns the detector, options stay', () => {
    const detector = learner(name);
    const { options } = detector;
    expect(detector.isFitted).toBe(false);
    for (const use of [
      () => detector.offset,
      () => detector.features,
      () => detector.predict(later),
      () => judge(name).scores,
    ]) {
      expect(use).toThrow(NotFittedError);
      expect(use).toThrow(`This ${name} instance is not fitted yet`);
    }
    expect(detector.fit(rows)).toBe(detector);
    expect(detector.features).toBe(2);
    expect(detector.options).toBe(options);
    expect(learner(name, options).options).toEqual(options);
    const before = structuredClone(detector.fitted);
    detector.predict(later);
    expect(detector.fitted).toEqual(before);
  });

  test('15: lists, float32 and integers are rows as well', () => {
    const whole = Array.from({ length: 60 }, (_, i) => [(i * 7) % 23, (i * 5) % 17]);
    const flat = whole.flat();
    const expected = learner(name).fit(whole).scoreSamples(whole.slice(0, 9));
    for (const data of [
      Float64Array.from(flat),
      Float32Array.from(flat),
      Int32Array.from(flat),
      Uint8Array.from(flat),
    ]) {
      const x = { data, shape: [60, 2] };
      expect(learner(name).fit(x).scoreSamples(whole.slice(0, 9))).toEqual(expected);
    }
  });

  test('28, 44: sparse rows give what dense ones give', () => {
    const dense = rows.map(([x, y]) => [Math.abs(x!) < 1.8 ? 0 : x!, y!]);
    const entries = dense.map((row) => row.flatMap((v, j) => (v === 0 ? [] : [[v, j] as const])));
    const indptr = [0];
    for (const row of entries) indptr.push(indptr.at(-1)! + row.length);
    const sparse = {
      data: entries.flatMap((row) => row.map(([v]) => v)),
      indices: entries.flatMap((row) => row.map(([, j]) => j)),
      indptr,
      shape: [300, 2],
    };
    expect(judge(name).fitPredict(sparse)).toEqual(judge(name).fitPredict(dense));
  });

  test('29: scores do not depend on the threshold, which may be set after the fit', () => {
    const detector = learner(name).fit(rows);
    const strict = detector.withOffset(detector.offset + 1e9);
    expect(strict.scoreSamples(later)).toEqual(detector.scoreSamples(later));
    expect([...strict.predict(later)].every((label) => label === -1)).toBe(true);
    expect(strict.options).toEqual(detector.options);
    expect(() => detector.withOffset(Number.NaN)).toThrow(ConfigError);
  });

  test('34: what belongs to the other task throws, with an explanation', () => {
    const js = (detector: object) => detector as Record<string, (...x: unknown[]) => unknown>;
    for (const method of ['predict', 'decisionFunction', 'scoreSamples']) {
      const call = () => js(judge(name))[method]!(rows);
      expect(call).toThrow(TaskError);
      expect(call).toThrow(
        `${method} is not available when novelty=False, use fitPredict if you want to predict on training data`,
      );
    }
    expect(() => js(judge(name)).fit!(rows)).toThrow(TaskError);
    expect(() => js(learner(name)).fitPredict!(rows)).toThrow(
      `fitPredict is not available when novelty=True. Use outlier.${name} if you want to predict on the training set`,
    );
    expect(() => js(learner(name)).labels).toThrow(TaskError);
    expect(() => js(learner(name)).scores).toThrow(TaskError);
  });

  test('5, 6: the contamination is the share of outliers among the training rows, from 0 to a half', () => {
    const { ranges } = learner(name).definition;
    if (!('contamination' in ranges)) return;
    for (const bad of [0, -0.1, 0.6, 1, Number.NaN, 'high', Infinity]) {
      const make = () => judge(name, { contamination: bad });
      expect(make).toThrow(ParameterError);
      expect(make).toThrow(`The 'contamination' parameter of ${name} must be`);
      expect(make).toThrow('a float in the range (0, 0.5]');
    }
    const detector = judge(name, { contamination: 0.1 });
    const labels = detector.fitPredict(rows);
    const outliers = labels.filter((label) => label === -1).length;
    const sorted = detector.scores.slice().sort();
    if (sorted[29]! < sorted[30]!) expect(outliers).toBe(30);
    else expect(outliers).toBeLessThanOrEqual(30); // tied scores are not told apart
  });

  test('an unknown option and an unknown word are refused', () => {
    expect(() => learner(name, { n_jobs: 2 })).toThrow(ParameterError);
    expect(() => learner(name, { scaler: 'quantile' })).toThrow(
      `The 'scaler' parameter of ${name} must be a str among {'none', 'standard', 'minMax', 'robust'}. Got 'quantile' instead.`,
    );
  });

  test('missing values are imputed and features scaled by what the training rows say', () => {
    const holed = rows.map(([x, y], i) => (i % 10 === 0 ? [Number.NaN, y!] : [x!, 1000 * y!]));
    const detector = learner(name, { missing: 'impute', scaler: 'robust' }).fit(holed);
    const scores = detector.scoreSamples([[Number.NaN, 0], ...later]);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(scores.subarray(1)).toEqual(detector.scoreSamples(later));
  });

  test("missing: 'skip' does without holes: features are left out of a sum, or else the row is not judged", () => {
    const sums = ['HBOS', 'ECOD', 'COPOD', 'LODA'].includes(name);
    const holed = rows.map(([x, y], i) => (i % 10 === 0 ? [Number.NaN, y!] : [x!, y!]));
    const detector = learner(name, { missing: 'skip' }).fit(holed);
    const queries = [...later, [Number.NaN, 0.5], [Number.NaN, Number.NaN]];
    const [scores, labels] = [detector.scoreSamples(queries), detector.predict(queries)];
    expect([...scores.subarray(0, 50)]).toEqual([...detector.scoreSamples(later)]);
    expect(scores.subarray(0, 50).every((score) => !Number.isNaN(score))).toBe(true);
    if (sums) {
      expect(scores[50]).not.toBeNaN();
    } else {
      const complete = learner(name).fit(holed.filter((_, i) => i % 10 !== 0));
      expect([...complete.scoreSamples(later)]).toEqual([...scores.subarray(0, 50)]);
      expect(complete.offset).toBe(detector.offset);
      expect([scores[50], scores[51], labels[50], labels[51]]).toEqual([Number.NaN, Number.NaN, 0, 0]);
      expect(() => learner(name, { missing: 'skip' }).fit([[Number.NaN, 1]])).toThrow('each of the 1 rows has a hole');
    }
    const judged = judge(name, { missing: 'skip' });
    const ofTraining = judged.fitPredict(holed);
    for (let i = 0; i < 300; i++) {
      expect(Number.isNaN(judged.scores[i])).toBe(!sums && i % 10 === 0);
      expect(ofTraining[i] === 0).toBe(Number.isNaN(judged.scores[i]));
    }
    const copy = decodeDetector(encodeDetector(judged)) as AnyOutlier;
    expect(copy.labels).toEqual(ofTraining);
  });

  test('the training rows belong to the caller, who may change them after the fit', () => {
    const data = Float64Array.from(rows.flat());
    const detector = learner(name).fit({ data, shape: [300, 2] });
    const scores = detector.scoreSamples(later);
    data.fill(0);
    expect(detector.scoreSamples(later)).toEqual(scores);
    expect(detector.offset).toBe(learner(name).fit(rows).offset);
  });
});
