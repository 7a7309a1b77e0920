import { FormatError, key, rocAucScore } from '@dl/core';
import { describe, expect, test } from 'vitest';
import { ParameterError } from '../errors';
import * as classic from '../index';
import { decodeDetector } from '../persistence/decode';
import { encodeDetector } from '../persistence/encode';
import * as deep from '.';

// No init(): nothing here is computed on a backend.

/** A ring, and rows in its middle, which no straight cut tells from it early. */
function ring(seed: number): { rows: number[][]; odd: number[] } {
  const [angles, radii, middles] = key(seed).split(3);
  const at = (radius: number, angle: number) => [radius * Math.cos(angle), radius * Math.sin(angle)];
  const [turns, noise, places] = [angles.uniform(440), radii.normal(400), middles.uniform(40)];
  const rows = Array.from(turns, (turn, i) =>
    at(i < 400 ? 2 + 0.1 * noise[i]! : 1.2 * Math.sqrt(places[i - 400]!), 2 * Math.PI * turn),
  );
  return { rows, odd: rows.map((_, i) => Number(i >= 400)) };
}

const { rows, odd } = ring(0);
const SMALL = { nEnsemble: 5 } as const;
const make = (options: deep.DIFOptions = {}) => new deep.novelty.DIF({ ...SMALL, ...options });

test('finds what lies in the middle of a ring, where an isolation forest of as many trees does not', () => {
  for (const seed of [0, 1]) {
    const data = ring(seed);
    const auc = (judge: { fitPredict(x: number[][]): unknown; readonly scores: Float64Array }) => {
      judge.fitPredict(data.rows);
      return rocAucScore(
        judge.scores.map((score) => -score),
        data.odd,
      );
    };
    const bent = auc(new deep.outlier.DIF({ key: key(seed) }));
    const straight = auc(new classic.outlier.IsolationForest({ nEstimators: 300, key: key(seed) }));
    expect(bent).toBeGreaterThan(0.98);
    expect(bent).toBeGreaterThan(straight + 0.05);
  }
});

describe('as a detector', () => {
  const clean = rows.filter((_, i) => odd[i] === 0);
  const fitted = make().fit(clean);

  test('the same key, the same scores; another, others', () => {
    const scores = fitted.scoreSamples(rows);
    expect(make().fit(clean).scoreSamples(rows)).toEqual(scores);
    expect(
      make({ key: key(1) })
        .fit(clean)
        .scoreSamples(rows),
    ).not.toEqual(scores);
    expect([...scores].every((score) => score <= 0 && Number.isFinite(score))).toBe(true);
  });

  test('the score of a row depends on no other', () => {
    const scores = fitted.scoreSamples(rows);
    for (const i of [0, 3, 401, 439]) expect(fitted.scoreSamples([rows[i]!])[0]).toBe(scores[i]);
    const many = Array.from({ length: 1200 }, (_, i) => rows[i % rows.length]!);
    expect(fitted.scoreSamples(many)[1100]).toBe(scores[1100 % rows.length]);
  });

  test('its file gives the same scores, and one that does not fit is refused', () => {
    const copy = decodeDetector(encodeDetector(fitted), deep);
    if (copy.task !== 'novelty') throw new Error('another task');
    expect(copy.offset).toBe(fitted.offset);
    expect(copy.scoreSamples(rows)).toEqual(fitted.scoreSamples(rows));
    const { state } = fitted.knowledge;
    for (const wrong of [
      { weights: state.weights.slice(1) },
      { weights: state.weights.map(() => Number.NaN) },
      { shift: state.shift.slice(1) },
      { factor: state.factor.map(() => Number.POSITIVE_INFINITY) },
      { roots: state.roots.slice(0, 6) },
      { feature: state.feature.map((f) => (f < 0 ? f : f + 1000)) },
      { maxSamples: 0 },
    ]) {
      const bytes = encodeDetector(fitted.like({ ...fitted.knowledge, state: { ...state, ...wrong } }));
      expect(() => decodeDetector(bytes, deep)).toThrow(FormatError);
    }
  });

  test('a score is what its formula says, for one network with one tree', () => {
    const single = make({ nEnsemble: 1, nEstimators: 1, maxSamples: 2, representationSize: 1, hiddenSizes: [4] });
    const { fitted: state } = single.fit(clean);
    // two training rows of one feature: one cut, two leaves of depth 1, c(2) = 1
    expect([...state.path].slice(1)).toEqual([1, 1]);
    const { shift, factor } = single.knowledge.preparation;
    for (const row of rows.slice(395, 405)) {
      const scaled = row.map((value, f) => (value - shift[f]!) * factor[f]!);
      const hidden = [0, 1, 2, 3].map((h) =>
        Math.max(0, state.weights[2 * h]! * scaled[0]! + state.weights[2 * h + 1]! * scaled[1]!),
      );
      const sum = hidden.reduce((total, value, h) => total + value * state.weights[8 + h]!, 0);
      const seen = Math.fround(Math.tanh((sum - state.shift[0]!) * state.factor[0]!));
      expect(single.scoreSamples([row])[0]).toBeCloseTo(-0.5 * Math.abs(seen - state.threshold[0]!), 6);
    }
  });

  test('few rows, equal rows, and options out of range', () => {
    expect(
      [
        ...make()
          .fit([[1, 2]])
          .scoreSamples([
            [1, 2],
            [5, 5],
          ]),
      ].every(Number.isFinite),
    ).toBe(true);
    const equal = Array.from({ length: 10 }, () => [3, 3]);
    expect([...make().fit(equal).predict(equal)]).toEqual(new Array(10).fill(1));
    expect(() => make({ nEnsemble: 0 })).toThrow(ParameterError);
    expect(() => make({ maxSamples: 1 })).toThrow(ParameterError);
    expect(() => make({ hiddenSizes: [] })).toThrow(ParameterError);
  });
});
