import { layerContract, onBackends } from '@dl/testing';
import { ones, sum, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gradients } from '../backend/tape';
import { ConfigError, DtypeError } from '../errors';
import { key } from '../random';
import { Embedding } from './embedding';

layerContract('Embedding', {
  make: (key) => new Embedding({ num: 7, dim: 3, key }),
  input: () => tensor([0, 6, 2, 2, 1, 0], [2, 3], 'int32'),
});
layerContract('Embedding with padding', {
  make: (key) => new Embedding({ num: 7, dim: 3, paddingIdx: 2, key }),
  input: () => tensor([0, 6, 4, 4, 1, 0], [2, 3], 'int32'), // without padding, whose gradient is 0 on purpose
});
onBackends(['wasm', 'cpu'], () => {
  test('the row of the padding is 0', () => {
    using layer = new Embedding({ num: 3, dim: 2, paddingIdx: 1, key: key(0) });
    expect([...layer.weight.value.dataSync().subarray(2, 4)]).toEqual([0, 0]);
    expect(() => tidy(() => layer.forward(ones([2])))).toThrow(DtypeError);
    const ids = tensor([0, 3], [1, 2], 'int32');
    expect(() => tidy(() => layer.forward(ids))).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: Embedding: index 3 at place 1 is not from 0 to 2
        hint  the layer has num: 3 rows]
    `);
    expect(() => new Embedding({ num: 3, dim: 2, paddingIdx: 3, key: key(0) })).toThrow(ConfigError);
  });

  test('the row of the padding is not learnt', () => {
    using layer = new Embedding({ num: 3, dim: 2, paddingIdx: 1, key: key(0) });
    const gradient = tidy(() => {
      const ids = tensor([1, 2, 1, 2], [2, 2], 'int32');
      const { value, grads } = gradients(() => sum(layer.forward(ids)), [layer.weight.value]);
      value.dispose();
      return grads[0]!.dataSync();
    });
    expect([...gradient]).toEqual([0, 0, 0, 0, 2, 2]);
  });
});
