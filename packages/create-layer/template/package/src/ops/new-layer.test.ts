import { DtypeError, ShapeError } from '@dl/core';
import { tensor, tidy, zeros } from '@dl/core/ops';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { newLayer } from './new-layer';

onBackends(['wasm', 'cpu'], () => {
  test.each([1, 3, 4, 6, 9])('%i features: every one has its own scale and bias', (features) => {
    const values = Array.from({ length: 2 * features }, (_, i) => i - features);
    const [scale, bias] = [values.slice(0, features), values.slice(features)];
    const expected = values.map((x, i) => scale[i % features]! * Math.max(x, 0) ** 2 + bias[i % features]!);
    tidy(() => {
      const y = newLayer(tensor(values, [2, features]), tensor(scale), tensor(bias));
      expect([...y.dataSync()]).toEqual(expected);
    });
  });

  test('no rows give none', () => {
    tidy(() => {
      expect(newLayer(zeros([0, 3]), zeros([3]), zeros([3])).shape).toEqual([0, 3]);
    });
  });

  test('what does not fit is refused', () => {
    tidy(() => {
      expect(() => newLayer(zeros([2, 3]), zeros([4]), zeros([4]))).toThrow(ShapeError);
      expect(() => newLayer(zeros([2, 3]), zeros([3]), zeros([2]))).toThrow(ShapeError);
      expect(() => newLayer(zeros([2, 3]), zeros([1, 3]), zeros([3]))).toThrow(ShapeError);
      expect(() => newLayer(zeros([2, 3], 'int32'), zeros([3]), zeros([3]))).toThrow(DtypeError);
    });
  });
});
