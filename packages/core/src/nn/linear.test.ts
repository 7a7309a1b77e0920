import { layerContract, onBackends } from '@dl/testing';
import { ones, tidy } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ACTIVATION_CODES, type FusedActivation } from '../backend/activation-codes';
import { ConfigError, DtypeError } from '../errors';
import { key } from '../random';
import { Linear } from './linear';

layerContract('Linear', {
  make: (key) => new Linear({ in: 4, out: 3, key }),
  input: [5, 4],
  wrong: [[5, 3], [4]],
  steady: true,
});
layerContract('Linear without a bias', {
  make: (key) => new Linear({ in: 4, out: 3, bias: false, key }),
  input: [5, 4],
});
layerContract('Linear over time', { make: (key) => new Linear({ in: 4, out: 3, key }), input: [2, 5, 4] });
for (const activation of Object.keys(ACTIVATION_CODES) as FusedActivation[]) {
  layerContract(`Linear and ${activation}`, {
    make: (key) => new Linear({ in: 4, out: 3, activation, key }),
    input: [5, 4],
  });
}

onBackends(['wasm'], () => {
  test("the first values are those of PyTorch's rule", () => {
    using layer = new Linear({ in: 25, out: 400, key: key(0) });
    for (const values of [layer.weight.value.dataSync(), layer.bias!.value.dataSync()]) {
      const largest = Math.max(...values.map(Math.abs));
      expect(largest).toBeLessThanOrEqual(0.2);
      expect(largest).toBeGreaterThan(0.19);
    }
  });

  test('errors say what is wrong, where, and what to do', () => {
    using layer = new Linear({ in: 4, out: 3, key: key(0) });
    tidy(() => {
      expect(() => layer.forward(ones([2, 7, 5]))).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: Linear: the input has 5 features, the weight expects 4
          input   [batch=2, time=7, features=5]
          weight  [out=3, in=4]
          hint    set in: 5, or give the layer 4 features]
      `);
      expect(() => layer.forward(ones([4]))).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: Linear: the input has 1 axis with the batch, the layer expects 2 or more
          input  [batch=4]
          hint   a single example needs a batch axis in front: [1, 4]]
      `);
      expect(() => layer.forward(ones([2, 4, 7]))).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: Linear: the input has 7 features, the weight expects 4
          input   [batch=2, time=4, features=7]
          weight  [out=3, in=4]
          hint    axis 1 has 4: the features go last here, transpose the input]
      `);
      expect(() => layer.outputShape([5])).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: Linear: the input has 5 features, the weight expects 4
          input   [features=5]
          weight  [out=3, in=4]
          hint    set in: 5, or give the layer 4 features]
      `);
      expect(() => layer.forward(ones([2, 4], 'int32'))).toThrow(DtypeError);
    });
    expect(() => new Linear({ in: 4.5, out: 3, key: key(0) })).toThrow(ConfigError);
    expect(() => new Linear({ in: 4, out: 3, activation: 'gelu' as 'relu', key: key(0) })).toThrow(/relu6, leakyrelu/);
  });
});
