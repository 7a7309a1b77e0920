import { DtypeError, init, NumericsError, ShapeError } from '@dl/core';
import { tensor2d, tensor3d } from '@dl/core/ops';
import { expect, test } from 'vitest';
import { type Rows, requireFinite, toMatrix } from './rows';

const expected = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 };
const named = { ...expected, names: ['a', 'b'] };
const read = (rows: unknown, names?: string[]) => toMatrix(rows as Rows, 'Test', names);

test('every form of rows gives the same matrix', async () => {
  await init();
  using t = tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
  expect(read(t)).toEqual(expected);
  expect(read({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })).toEqual(expected);
  expect(read({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })).toEqual(expected);
  expect(
    read([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  ).toEqual(expected);
  expect(read([Float64Array.of(1, 2), [3, 4], Int32Array.of(5, 6)])).toEqual(expected);
  expect(read({ data: [1, 2, 3, 4, 5, 6], indices: [0, 1, 0, 1, 1, 0], indptr: [0, 2, 4, 6], shape: [3, 2] })).toEqual({
    ...expected,
    data: Float64Array.of(1, 2, 3, 4, 6, 5),
  });
  expect(read({ a: [1, 3, 5], b: Float32Array.of(2, 4, 6) })).toEqual(named);
  expect(
    read([
      { a: 1, b: 2 },
      { b: 4, a: 3 },
      { a: 5, b: 6 },
    ]),
  ).toEqual(named);
});

test('named columns are put into the order that is known', () => {
  expect(read({ b: [2, 4, 6], a: [1, 3, 5] }, ['a', 'b'])).toEqual(named);
  expect(() => read({ a: [1], c: [2] }, ['a', 'b'])).toThrow('missing: b; not seen at fit time: c');
  expect(() => read([{ a: 1, b: 2 }, { a: 1 }])).toThrow("row 1 has no feature 'b'");
  expect(() => read({ a: [1, 2], b: [3] })).toThrow("column 'b' has 1 rows, 'a' has 2");
});

test('one axis and three are refused, with the mend', async () => {
  await init();
  for (const one of [[1, 2, 3], Float32Array.of(1, 2), { data: Float32Array.of(1, 2), shape: [2] }]) {
    expect(() => read(one)).toThrow(ShapeError);
    expect(() => read(one)).toThrow('Expected 2D array, got 1D array instead');
  }
  using t = tensor3d([1, 2], [1, 1, 2]);
  expect(() => read(t)).toThrow('Expected 2D array, got 3D array instead');
  expect(() => read({ data: Float32Array.of(1, 2, 3), shape: [2, 2] })).toThrow(
    'the shape holds 4 numbers, there are 3',
  );
  expect(() => read([[1, 2], [3]])).toThrow('row 1 has 1 numbers, row 0 has 2');
});

test('no rows and no features', () => {
  expect(() => read([])).toThrow('Found array with 0 sample(s)');
  expect(() => read({ data: new Float64Array(0), shape: [0, 3] })).toThrow(
    '(shape=(0, 3)) while a minimum of 1 is required',
  );
  expect(() => read([[], []])).toThrow('Found array with 0 feature(s) (shape=(2, 0))');
});

test('what is no number is named', () => {
  expect(() => read([['1', 2]])).toThrow(DtypeError);
  expect(() => read([['1', 2]])).toThrow('row 0, column 0 is "1", not a number');
  expect(() => read([{ a: {} }])).toThrow("row 0, 'a' is a object");
  for (const bad of [undefined, null, 3, 'text', { a: 3 }]) expect(() => read(bad)).toThrow(DtypeError);
  expect(read([[true, null]]).data).toEqual(Float64Array.of(1, Number.NaN));
});

test('sparse rows that do not fit together', () => {
  const good = { data: [1], indices: [0], indptr: [0, 1], shape: [1, 2] };
  for (const bad of [
    { indices: [2] },
    { indices: [0, 1] },
    { indptr: [0] },
    { indptr: [1, 0] },
    { indptr: [0, 2] },
    { shape: [1] },
  ]) {
    expect(() => read({ ...good, ...bad })).toThrow('the sparse rows do not fit together');
  }
});

test('NaN and Infinity are refused by place', () => {
  const rows = (value: number) => ({ data: Float64Array.of(1, 2, 3, value), rows: 2, columns: 2 });
  expect(() => requireFinite(rows(Number.NaN), 'Test')).toThrow(NumericsError);
  expect(() => requireFinite(rows(Number.NaN), 'Test')).toThrow('Input X contains NaN (row 1, column 1)');
  expect(() => requireFinite(rows(Number.NaN), 'Test', true)).not.toThrow();
  expect(() => requireFinite(rows(-Infinity), 'Test', true)).toThrow('Input X contains infinity (row 1, column 1)');
});
