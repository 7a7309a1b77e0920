import { ConfigError, DtypeError, FormatError, key, NotFittedError, NumericsError, ShapeError } from '@dl/core';
import { decodeSafetensors, encodeSafetensors, type TensorSource } from '@dl/core/io';
import { readOracle } from '@dl/testing';
import { describe, expect, test } from 'vitest';
import type { DataOptions } from '../detector/common-options';
import { ParameterError, TaskError } from '../errors';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import { SplitConformal } from '../thresholds/split-conformal';
import { withContamination } from '../thresholds/with-contamination';
import * as series from '.';
import { fourier, inverseFourier } from './fourier';
import { autocorrelation } from './period';
import type { SeriesOutlierDetector } from './series-outlier-detector';
import { toPoints } from './windows';

const { novelty, outlier } = series;

interface Oracle {
  period: number;
  series: Record<
    string,
    { x: number[]; y: number[]; detectors: Record<string, { score?: number[]; metrics: Record<string, number> }> }
  >;
}
const oracle = readOracle('sklearn', 'timeseries') as unknown as Oracle;
const { period } = oracle;
const window = period;
/** Of TSB-AD's variances, divided by n - 1, ours divide by n. */
const unbiased = (scores: Float64Array) => {
  const windows = scores.length - window + 1;
  return scores.map((score) => (score * (windows - 1)) / windows);
};
const judge = (detector: SeriesOutlierDetector<DataOptions, unknown>, x: series.Series) => {
  detector.fitPredict(x);
  return detector.scores;
};
const detectors: Record<string, (x: number[]) => Float64Array> = {
  seasonal_median_resid: (x) => judge(new outlier.SeasonalResidual({ period }), x),
  ar24_resid: (x) => judge(new outlier.ARResidual(), x),
  spectral_residual: (x) => judge(new outlier.SpectralResidual(), x),
  sub_pca_all: (x) => unbiased(judge(new outlier.SubPCA({ window }), x)),
  sub_knn5: (x) => judge(new outlier.SubKNN({ window }), x),
  matrix_profile: (x) => judge(new outlier.MatrixProfile({ window }), x),
};

describe.each(Object.entries(oracle.series))('the series %s', (_, { x, y, detectors: golden }) => {
  test.each(Object.entries(detectors))('%s: the scores of the oracle, negated', (name, scoresOf) => {
    const scores = scoresOf(x);
    const expected = golden[name]!.score!;
    expect(scores).toHaveLength(x.length);
    let worst = 0;
    for (const [t, value] of expected.entries()) {
      worst = Math.max(worst, Math.abs(scores[t]! + value) / Math.max(1, Math.abs(value)));
    }
    expect(worst).toBeLessThan(2e-6);
  });

  test("the period is found, and KMeansAD ranks anomalies as scikit-learn's k-means does", () => {
    expect(Math.abs(series.findPeriod(x)! - period)).toBeLessThanOrEqual(2);
    const scores = judge(new outlier.KMeansAD({ window }), x);
    expect(judge(new outlier.KMeansAD({ window }), x)).toEqual(scores);
    const { kmeans_ad10: reference } = golden; // of other random starts
    expect(rocAuc(scores, y)).toBeGreaterThan(reference!.metrics.AUC_ROC! - 0.15);
  });

  test('SubIsolationForest ranks anomalies above chance', () => {
    expect(rocAuc(judge(new outlier.SubIsolationForest({ window }), x), y)).toBeGreaterThan(0.55);
  });
});

/** The share of pairs of a normal point and an anomaly in which the anomaly has the lower score. */
function rocAuc(scores: Float64Array, y: number[]): number {
  let [right, pairs] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    if (y[i] === 0) continue;
    for (let j = 0; j < y.length; j++) {
      if (y[j] === 1) continue;
      pairs++;
      if (scores[i]! < scores[j]!) right++;
    }
  }
  return right / pairs;
}

test('a window is scored at its middle', () => {
  expect([...toPoints(Float64Array.of(1, 2, 3), 6, 4)]).toEqual([1, 1, 2, 3, 3, 3]);
  expect([...toPoints(Float64Array.of(1, 2), 4, 3)]).toEqual([1, 1, 2, 2]);
});

test('Fourier transforms of any length agree with their definition and are undone', () => {
  for (const n of [1, 2, 3, 7, 8, 12, 50]) {
    const re = Float64Array.from(key(1).normal([n]));
    const im = Float64Array.from(key(2).normal([n]));
    const found = fourier({ re, im });
    for (let k = 0; k < n; k++) {
      let [r, m] = [0, 0];
      for (let t = 0; t < n; t++) {
        const [c, s] = [Math.cos((2 * Math.PI * k * t) / n), Math.sin((2 * Math.PI * k * t) / n)];
        r += re[t]! * c + im[t]! * s;
        m += im[t]! * c - re[t]! * s;
      }
      expect(found.re[k]).toBeCloseTo(r, 9);
      expect(found.im[k]).toBeCloseTo(m, 9);
    }
    const back = inverseFourier(found);
    for (let t = 0; t < n; t++) expect(back.re[t]).toBeCloseTo(re[t]!, 9);
  }
});

test('the matrix profile is what comparing all pairs gives, constant windows included', () => {
  const x = Array.from(key(3).normal([60]), (v, t) => ((t >= 20 && t < 32) || t >= 48 ? 1 : v));
  const w = 8;
  const { distances, indices } = series.matrixProfile(x, { window: w });
  const normal = (i: number) => {
    const values = x.slice(i, i + w);
    const mean = values.reduce((a, b) => a + b) / w;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / w);
    return deviation < 1e-8 ? undefined : values.map((v) => (v - mean) / deviation);
  };
  const distance = (i: number, j: number) => {
    const [a, b] = [normal(i), normal(j)];
    if (a === undefined && b === undefined) return 0;
    if (a === undefined || b === undefined) return Math.sqrt(w);
    return Math.sqrt(a.reduce((sum, v, f) => sum + (v - b[f]!) ** 2, 0));
  };
  for (let i = 0; i < distances.length; i++) {
    let least = Infinity;
    for (let j = 0; j < distances.length; j++) if (Math.abs(i - j) > w / 2) least = Math.min(least, distance(i, j));
    expect(distances[i]).toBeCloseTo(least, 5);
    expect(distance(i, indices[i]!)).toBeCloseTo(least, 5);
  }
});

const names = Object.keys(novelty) as (keyof typeof novelty)[];
const ofWindows = names.filter((name) => 'window' in new novelty[name]().options);
const make = <T extends typeof novelty | typeof outlier>(of: T, name: keyof T, options: object = {}) =>
  new (of[name] as new (options: object) => InstanceType<T[keyof T] & (abstract new (options: never) => unknown)>)(
    options,
  );
const wave = (n: number, from = 0) =>
  Array.from({ length: n }, (_, i) => Math.sin((from + i) / 3) + 0.05 * Math.sin(i * i));
const clean = wave(300);
/** A wave that stands still from 60 to 79, and begins elsewhere in its period. */
const stuck = wave(160, 7).map((value, t, all) => (t >= 60 && t < 80 ? all[60]! : value));

test('the same detectors for both tasks', () => {
  expect(Object.keys(outlier)).toEqual(names);
});

describe.each(names)('%s', (name) => {
  const options = ofWindows.includes(name) ? { window: 19 } : {};
  const learner = () => make(novelty, name, options) as series.SeriesNoveltyDetector<DataOptions, unknown>;
  const judgeOf = (more: object = {}) =>
    make(outlier, name, { ...options, ...more }) as SeriesOutlierDetector<DataOptions, unknown>;

  test('learns from one series and scores another: one score a time, whatever the form', () => {
    const detector = learner().fit(clean);
    const scores = detector.scoreSamples(stuck);
    expect(scores).toHaveLength(160);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(detector.scoreSamples(Float64Array.from(stuck))).toEqual(scores);
    expect(detector.scoreSamples({ value: stuck })).toEqual(scores);
    expect(detector.decisionFunction(stuck)).toEqual(scores.map((score) => score - detector.offset));
    expect(detector.predict(stuck)).toEqual(Int8Array.from(detector.decisionFunction(stuck), (d) => (d < 0 ? -1 : 1)));
  });

  test('what belongs to the other task throws, and so does an unfitted detector', () => {
    const js = (detector: object) => detector as Record<string, (x: number[]) => unknown>;
    expect(() => js(learner().fit(clean)).fitPredict!(clean)).toThrow(TaskError);
    for (const method of ['fit', 'predict', 'scoreSamples', 'decisionFunction']) {
      expect(() => js(judgeOf())[method]!(clean)).toThrow(TaskError);
    }
    expect(() => learner().scoreSamples(clean)).toThrow(NotFittedError);
    expect(() => judgeOf().scores).toThrow(NotFittedError);
  });

  test('thresholds are set after the fit', () => {
    const detector = judgeOf({ contamination: 0.1 });
    detector.fitPredict(stuck);
    const fewer = withContamination(detector, 0.02);
    const outliers = (labels: Int8Array) => labels.filter((label) => label === -1).length;
    expect(outliers(fewer.labels)).toBeLessThan(outliers(detector.labels));
    expect(outliers(fewer.labels)).toBeGreaterThan(0);
    expect(outliers(detector.withOffset(Number.NEGATIVE_INFINITY).labels)).toBe(0);
    const learnt = learner().fit(clean);
    const conformal = new SplitConformal(learnt, { value: wave(400, 40) });
    expect(conformal.pValue({ value: stuck })).toHaveLength(160);
  });

  test('survives a file, with equal scores; a tampered or truncated one gives a FormatError', () => {
    const learnt = learner().fit(clean).withOffset(-3);
    const bytes = encodeDetector(learnt);
    const copy = decodeDetector(bytes) as typeof learnt;
    expect(copy).toBeInstanceOf(novelty[name]);
    expect(copy.options).toEqual(learnt.options);
    expect(copy.offset).toBe(-3);
    expect(copy.scoreSamples(stuck)).toEqual(learnt.scoreSamples(stuck));
    const judged = judgeOf();
    judged.fitPredict(stuck);
    const again = decodeDetector(encodeDetector(judged)) as typeof judged;
    expect(again.scores).toEqual(judged.scores);
    expect(again.labels).toEqual(judged.labels);
    for (let length = 0; length < bytes.length; length += 1 + (bytes.length >> 4)) {
      expect(() => decodeDetector(bytes.subarray(0, length))).toThrow(FormatError);
    }
    const { tensors, metadata } = decodeSafetensors(bytes);
    const whole = new Map<string, TensorSource>(
      [...tensors].map(([entry, tensor]) => [entry, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.data() }]),
    );
    const refused = (change: (entries: typeof whole, texts: Map<string, string>) => void) => {
      const [entries, texts] = [new Map(whole), new Map(metadata)];
      change(entries, texts);
      expect(() => decodeDetector(encodeSafetensors(entries, texts))).toThrow(FormatError);
    };
    for (const entry of whole.keys()) {
      refused((entries) => entries.delete(entry));
      refused((entries) => entries.set(entry, { dtype: 'I32', shape: [2, 2], data: new Int32Array(4) }));
    }
    refused((_, texts) => texts.set('features', '0'));
    refused((_, texts) => texts.set('options', '{"window": -1, "period": -1}'));
    refused((_, texts) => texts.set('detector', 'constructor'));
    for (const wrong of [0, 2.5, 1e9, Number.NaN]) {
      if (!whole.has('state.window')) break;
      refused((entries) => entries.set('state.window', { dtype: 'F64', shape: [], data: [wrong] }));
    }
  });

  test('series that cannot be are refused, constant ones and noise are judged', () => {
    const noise = Array.from(key(4).normal([300]));
    const free = () => make(outlier, name) as SeriesOutlierDetector<DataOptions, unknown>;
    expect(judge(free(), noise)).toHaveLength(300);
    expect(judge(free(), new Array<number>(60).fill(7)).every(Number.isFinite)).toBe(true);
    if (ofWindows.includes(name)) {
      expect(() => judge(make(outlier, name, { window: 151 }) as ReturnType<typeof free>, noise)).toThrow(
        'at most half the 300 times',
      );
      expect(() => make(outlier, name, { window: 1 })).toThrow(ParameterError);
    }
    expect(() => judge(free(), [1])).toThrow(ShapeError);
    expect(() => judge(free(), [...noise, Number.NaN])).toThrow(NumericsError);
    expect(() => judge(free(), ['1', '2', '3', '4'] as unknown as number[])).toThrow(DtypeError);
    if (name !== 'SeasonalResidual') expect(() => learner().fit(clean).scoreSamples([1, 2, 3])).toThrow(ShapeError);
  });

  test('times whose window has a hole have no score, where holes are skipped', () => {
    if (name === 'SpectralResidual') {
      expect(() => judgeOf({ missing: 'skip' })).toThrow(ConfigError);
      return;
    }
    const holed = clean.map((value, t) => (t === 150 ? Number.NaN : value));
    const detector = judgeOf({ missing: 'skip' });
    const labels = detector.fitPredict(holed);
    expect(detector.scores[150]).toBeNaN();
    expect(labels[150]).toBe(0);
    for (let t = 0; t < 300; t++) {
      expect(labels[t] === 0).toBe(Number.isNaN(detector.scores[t]));
      if (Math.abs(t - 150) > 24) expect(detector.scores[t]).not.toBeNaN();
    }
    const learnt = make(novelty, name, { ...options, missing: 'skip' }) as ReturnType<typeof learner>;
    const whole = learnt.fit(clean).scoreSamples(clean);
    const scores = learnt.scoreSamples(holed);
    expect(scores[150]).toBeNaN();
    for (let t = 0; t < 300; t++) if (!Number.isNaN(scores[t])) expect(scores[t]).toBeCloseTo(whole[t]!, 9);
  });
});

test.each(['SubPCA', 'SubKNN', 'KMeansAD', 'MatrixProfile'] as const)(
  '%s finds a stuck sensor in a new series',
  (name) => {
    const scores = new (novelty[name] as typeof novelty.SubKNN)({ window: 19 }).fit(clean).scoreSamples(stuck);
    const worst = scores.indexOf(Math.min(...scores));
    expect(worst).toBeGreaterThanOrEqual(55);
    expect(worst).toBeLessThan(85);
  },
);

test('windows of several features; detectors of one feature say so', () => {
  const rows = clean.map((value, t) => [value, Math.cos(t / 3)]);
  const odd = rows.map(([a, b], t) => [a!, t === 100 ? 3 : b!]);
  const scores = new novelty.SubKNN({ window: 6 }).fit(rows).scoreSamples(odd);
  expect(Math.abs(scores.indexOf(Math.min(...scores)) - 100)).toBeLessThanOrEqual(3);
  for (const Class of [novelty.ARResidual, novelty.MatrixProfile, novelty.SeasonalResidual, novelty.SpectralResidual]) {
    expect(() => new Class().fit(rows)).toThrow('takes a series of one feature');
  }
  expect(() => new outlier.SubKNN({ metric: 'precomputed' })).toThrow(ConfigError);
});

test('windows that would not fit into memory are refused before any is cut', () => {
  const long = new Float64Array(3e6);
  expect(() => new novelty.KMeansAD({ window: 100 }).fit(long)).toThrow(
    '2999901 windows of 100 numbers would take 2.2 GiB',
  );
});

test('matrix profile against another series, by its definition', () => {
  const [a, b, w] = [wave(40), wave(30, 5), 6];
  const shape = (x: number[], i: number) => {
    const part = x.slice(i, i + w);
    const mean = part.reduce((s, v) => s + v, 0) / w;
    const sd = Math.sqrt(part.reduce((s, v) => s + (v - mean) ** 2, 0) / w);
    return part.map((v) => (v - mean) / sd);
  };
  const scores = new novelty.MatrixProfile({ window: w }).fit(a).scoreSamples(b);
  for (let i = 0; i + w <= b.length; i++) {
    const distances = a.slice(w - 1).map((_, j) => Math.hypot(...shape(a, j).map((v, k) => v - shape(b, i)[k]!)));
    expect(scores[i + ((w - 1) >> 1)]).toBeCloseTo(-Math.min(...distances), 6);
  }
});

test('the season of a new series is found wherever it begins', () => {
  const season = [0, 5, 1, 7, 2, 2, 9];
  const at = (t: number) => season[t % 7]! + 0.01 * Math.sin(t * t);
  const detector = new novelty.SeasonalResidual({ period: 7 }).fit(Array.from({ length: 140 }, (_, t) => at(t)));
  const scores = detector.scoreSamples(Array.from({ length: 30 }, (_, t) => at(t + 3) + (t === 12 ? 4 : 0)));
  expect(scores.indexOf(Math.min(...scores))).toBe(12);
  expect(scores.filter((score) => score < -10)).toHaveLength(1);
});

test('autocorrelation, and series without a period', () => {
  expect([...autocorrelation(Float64Array.of(1, 2, 3, 4), 3)].map((r) => Math.round(r * 1e9) / 1e9)).toEqual([
    1, 0.25, -0.3,
  ]);
  expect(series.findPeriod(new Array<number>(50).fill(3))).toBeUndefined();
  expect(series.findPeriod(Array.from(key(4).normal([300])))).toBeUndefined();
});

test('a window is a period that the series holds ten times, or else a twentieth of it', () => {
  const days = Array.from({ length: 1460 }, (_, t) => Math.cos((2 * Math.PI * t) / 365));
  expect(Math.abs(series.findPeriod(days)! - 365)).toBeLessThan(8);
  const windowOf = (x: number[]) => {
    const detector = new outlier.KMeansAD();
    detector.fitPredict(x);
    return detector.fitted.window;
  };
  expect(windowOf(days)).toBe(73);
  expect(windowOf(Array.from({ length: 1460 }, (_, t) => Math.cos((2 * Math.PI * t) / 30)))).toBe(30);
  expect(windowOf(Array.from(key(5).normal([4000])))).toBe(125);
  expect(windowOf(Array.from(key(5).normal([20])))).toBe(5);
});

test('recommended: by the period and what is looked for, with the reason', () => {
  const periodic = series.recommend('outlier', clean);
  expect(periodic.detector).toBeInstanceOf(outlier.SubPCA);
  expect(periodic.name).toBe('SubPCA');
  expect(periodic.reason).toMatch('repeats after 19 times');
  const irregular = series.recommend('novelty', Array.from(key(4).normal([300])));
  expect(irregular.detector).toBeInstanceOf(novelty.KMeansAD);
  expect(irregular.name).toBe('KMeansAD');
  expect(irregular.reason).toMatch('KMeansAD has a');
  expect(series.recommend('outlier', clean, 'points').detector).toBeInstanceOf(outlier.ARResidual);
  for (const { alternatives } of [periodic, irregular]) {
    expect(alternatives).toHaveLength(names.length - 1);
    expect(alternatives.every(({ name }) => name in outlier)).toBe(true);
  }
});
