import { layerContract, onBackends } from '@dl/testing';
import { ones, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ConfigError, DtypeError } from '../errors';
import { key } from '../random';
import { Dropout, Embedding } from './index';

layerContract('Embedding', {
  make: (key) => new Embedding({ num: 7, dim: 3, key }),
  input: () => tensor([0, 6, 2, 2, 1, 0], [2, 3], 'int32'),
});
layerContract('Embedding with padding', {
  make: (key) => new Embedding({ num: 7, dim: 3, paddingIdx: 2, key }),
  input: () => tensor([0, 6, 4, 4, 1, 0], [2, 3], 'int32'), // without padding, whose gradient is 0 on purpose
});
layerContract('Dropout', { make: () => new Dropout({ rate: 0.3 }), input: [4, 9], wrong: [] });

onBackends(['wasm', 'cpu'], () => {
  test('the row of the padding is 0', () => {
    using layer = new Embedding({ num: 3, dim: 2, paddingIdx: 1, key: key(0) });
    expect([...layer.weight.value.dataSync().subarray(2, 4)]).toEqual([0, 0]);
    expect(() => tidy(() => layer.forward(ones([2])))).toThrow(DtypeError);
    expect(() => new Embedding({ num: 3, dim: 2, paddingIdx: 3, key: key(0) })).toThrow(ConfigError);
  });

  test('dropout keeps the mean, and drops about the rate', () => {
    const layer = new Dropout({ rate: 0.25 });
    const y = tidy(() => layer.forward(ones([10000]), { train: true, key: key(1) }).dataSync());
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(dropped).toBeGreaterThan(0.23);
    expect(dropped).toBeLessThan(0.27);
    expect(Math.max(...y)).toBeCloseTo(4 / 3, 6);
    expect(() => layer.forward(ones([2]), { train: true })).toThrow(ConfigError);
    expect(() => new Dropout({ rate: 1 })).toThrow(ConfigError);
  });
});
