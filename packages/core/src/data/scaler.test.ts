import { describe, expect, test } from 'vitest';
import { MinMaxScaler, minMaxScaler } from './min-max-scaler';
import { StandardScaler, standardScaler } from './standard-scaler';

const near = (actual: ArrayLike<number>, expected: number[], digits = 6) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
};

describe('StandardScaler', () => {
  test("scikit-learn's example", () => {
    const scaler = standardScaler([
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
    expect(scaler.mean).toEqual([0.5, 0.5]);
    const { data, shape } = scaler.transform([[2, 2]]);
    expect([[...data], shape]).toEqual([
      [3, 3],
      [1, 2],
    ]);
  });

  test('divides by the deviation over n', () => {
    const scaler = standardScaler([1, 2, 3, 6]);
    near(scaler.scale, [Math.sqrt(3.5)], 12);
    near(scaler.transform([3]), [0]);
    near(scaler.inverse(scaler.transform(Float32Array.of(1, 2, 60))), [1, 2, 60], 4);
  });

  test('a constant feature is centred, also where rounding gives it a variance', () => {
    const values = new Array<number>(10).fill(0.1);
    expect(standardScaler(values).scale).toEqual([1]);
    near(standardScaler(values).transform([0.1, 1.1]), [0, 1]);
    expect(standardScaler([1e8, 1e8 + 1e-7, 1e8]).scale).toEqual([1]);
    expect(standardScaler([1e-8, 2e-8]).scale[0]).toBeCloseTo(0.5e-8, 12);
  });

  test('NaN is passed over and kept', () => {
    const scaler = standardScaler([1, Number.NaN, 3]);
    expect([scaler.mean, scaler.scale]).toEqual([[2], [1]]);
    expect([...scaler.transform([Number.NaN, 3])]).toEqual([Number.NaN, 1]);
  });

  test('the last axis counts the features, and columns() picks some', () => {
    const scaler = standardScaler({ data: Float32Array.of(0, 10, 2, 30), shape: [2, 2] });
    const batch = scaler.transform({ data: Float32Array.of(1, 20, 3, 40), shape: [2, 1, 2] });
    expect([[...batch.data], batch.shape]).toEqual([
      [0, 0, 2, 2],
      [2, 1, 2],
    ]);
    expect([...scaler.columns([1]).inverse([0, 2])]).toEqual([20, 40]);
    expect(() => scaler.transform([1, 2])).toThrow('the data has 1 features, the scaler was fitted on 2');
    expect(() => scaler.columns([2])).toThrow('no feature 2');
  });
});

describe('MinMaxScaler', () => {
  test("scikit-learn's example", () => {
    const scaler = minMaxScaler([
      [-1, 2],
      [-0.5, 6],
      [0, 10],
      [1, 18],
    ]);
    expect([
      ...scaler.transform([
        [-1, 2],
        [-0.5, 6],
        [0, 10],
        [1, 18],
      ]).data,
    ]).toEqual([0, 0, 0.25, 0.25, 0.5, 0.5, 1, 1]);
    expect([...scaler.transform([[2, 2]]).data]).toEqual([1.5, 0]);
  });

  test('another range, clipping, constant features', () => {
    const scaler = minMaxScaler([10, 20], { min: -1, max: 1, clip: true });
    expect([...scaler.transform([5, 15, 25])]).toEqual([-1, 0, 1]);
    expect([...scaler.inverse([-1, 0, 1])]).toEqual([10, 15, 20]);
    expect([...minMaxScaler([7, 7]).transform([7, 8])]).toEqual([0, 1]);
    expect(() => new MinMaxScaler({ min: 1, max: 1 })).toThrow('not below');
  });
});

describe('both', () => {
  test('go through JSON', () => {
    const standard = standardScaler([
      [1, 5],
      [2, 9],
    ]);
    const minMax = minMaxScaler(
      [
        [1, 5],
        [2, 9],
      ],
      { max: 3, clip: true },
    );
    const rows = [
      [1.5, 6],
      [4, 0],
    ];
    const standardAgain = StandardScaler.fromJSON(JSON.parse(JSON.stringify(standard)));
    const minMaxAgain = MinMaxScaler.fromJSON(JSON.parse(JSON.stringify(minMax)));
    expect(standardAgain.transform(rows)).toEqual(standard.transform(rows));
    expect(minMaxAgain.transform(rows)).toEqual(minMax.transform(rows));
    for (const bad of [null, 3, {}, { kind: 'standardScaler', mean: [1], scale: ['a'] }, minMax.toJSON()]) {
      expect(() => StandardScaler.fromJSON(bad)).toThrow('not a saved standardScaler');
    }
    for (const bad of [null, { ...minMax.toJSON(), range: [1, 0] }, { ...minMax.toJSON(), scale: [] }]) {
      expect(() => MinMaxScaler.fromJSON(bad)).toThrow('not a saved minMaxScaler');
    }
  });

  test('say what is wrong', () => {
    expect(() => standardScaler().transform([1])).toThrow('StandardScaler: call fit(training data) first');
    expect(() => minMaxScaler().toJSON()).toThrow('MinMaxScaler: call fit(training data) first');
    expect(() => standardScaler([])).toThrow('nothing to fit');
    expect(() => standardScaler([1, Number.NEGATIVE_INFINITY])).toThrow('feature 0 is -Infinity at row 1');
  });
});
