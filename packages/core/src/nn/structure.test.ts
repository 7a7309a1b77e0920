import { layerContract, onBackends } from '@dl/testing';
import { ones, tidy } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ConfigError } from '../errors';
import { key } from '../random';
import { dropout, Flatten, flatten, Identity, Linear, linear, Reshape, Residual, sequential, tanh } from './index';

// The layers that order, wrap or reshape others. A wrong input of a stack is refused by the layer inside: sequential.test.ts.

layerContract('Identity', { make: () => new Identity(), input: [2, 3], wrong: [] });
layerContract('Flatten', { make: () => new Flatten(), input: [2, 3, 4, 2], wrong: [[3]] });
layerContract('Reshape', { make: () => new Reshape({ shape: [2, -1] }), input: [2, 3, 4], wrong: [[2, 3, 3]] });
layerContract('Residual', {
  make: (key) => new Residual({ body: new Linear({ in: 4, out: 4, key }) }),
  input: [3, 4],
  wrong: [],
});
layerContract('Residual with a shortcut', {
  make: (key) =>
    new Residual({
      body: new Linear({ in: 4, out: 2, key: key.child('body') }),
      shortcut: new Linear({ in: 4, out: 2, bias: false, key: key.child('shortcut') }),
    }),
  input: [3, 4],
  wrong: [],
});
layerContract('Sequential', {
  make: (key) =>
    sequential({ input: [2, 2], key }, [flatten(), linear({ out: 6 }), dropout(), tanh(), linear({ out: 3 })]),
  input: [3, 2, 2],
  wrong: [],
});

onBackends(['wasm'], () => {
  test('branches of different shapes cannot be added', () => {
    using layer = new Residual({ body: new Linear({ in: 4, out: 2, key: key(0) }) });
    tidy(() => {
      expect(() => layer.forward(ones([3, 4]))).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: Residual: the two branches that are added differ in shape
          input  [batch=3, features=4]
          body   [batch=3, features=2]
          hint   let the body keep the shape, or give a shortcut that changes the input alike]
      `);
    });
    expect(() => layer.outputShape([4])).toThrow(/^Residual: the two branches/);
  });

  test('a new shape has at most one open size', () => {
    expect(() => new Reshape({ shape: [-1, -1] })).toThrow(ConfigError);
    expect(() => new Reshape({ shape: [0] })).toThrow(ConfigError);
  });
});
