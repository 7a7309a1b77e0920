import { expect, test } from 'vitest';
import { learnPreparation, prepare } from './preparation';

const rows = { data: Float64Array.of(1, 10, 2, 10, 3, 10, Number.NaN, 10), rows: 4, columns: 2 };

test('holes take the median of the training rows', () => {
  const learnt = learnPreparation(rows, 'impute', 'none');
  expect([...prepare(rows, learnt).data]).toEqual([1, 10, 2, 10, 3, 10, 2, 10]);
  const later = { data: Float64Array.of(Number.NaN, Number.NaN), rows: 1, columns: 2 };
  expect([...prepare(later, learnt).data]).toEqual([2, 10]);
});

test.each([
  { scaler: 'standard', expected: [-Math.sqrt(1.5), 0, Math.sqrt(1.5)] },
  { scaler: 'minMax', expected: [0, 0.5, 1] },
  { scaler: 'robust', expected: [-1, 0, 1] },
] as const)('$scaler: by the training rows alone; a constant feature is not divided', ({ scaler, expected }) => {
  const learnt = learnPreparation(rows, 'skip', scaler);
  const { data } = prepare({ data: rows.data.subarray(0, 6), rows: 3, columns: 2 }, learnt);
  expect([data[0], data[2], data[4]]).toEqual(expected.map((v) => expect.closeTo(v, 12) as number));
  expect([data[1], data[3], data[5]]).toEqual([0, 0, 0]);
});

test('nothing to do gives the same rows', () => {
  expect(prepare(rows, learnPreparation(rows, 'error', 'none'))).toBe(rows);
});
