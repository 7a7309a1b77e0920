import { ConfigError, ShapeError } from '@dl/core';
import { ones, type Tensor, tensor } from '@dl/core/ops';
import { expectClose, layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import {
  AdaptiveAvgPool1d,
  AdaptiveMaxPool1d,
  AvgPool1d,
  GlobalAvgPool1d,
  GlobalMaxPool1d,
  MaxPool1d,
} from './pooling-1d';

const contract = { input: [2, 7, 3], wrong: [[2, 6]] };
layerContract('MaxPool1d', { make: () => new MaxPool1d({ kernel: 3, stride: 2, padding: 1 }), ...contract });
layerContract('AvgPool1d', { make: () => new AvgPool1d({ kernel: 3, stride: 2, padding: 1 }), ...contract });
layerContract('AdaptiveMaxPool1d', { make: () => new AdaptiveMaxPool1d({ output: 3 }), ...contract });
layerContract('AdaptiveAvgPool1d', { make: () => new AdaptiveAvgPool1d({ output: 3 }), ...contract });
layerContract('GlobalMaxPool1d', { make: () => new GlobalMaxPool1d(), ...contract });
layerContract('GlobalAvgPool1d', { make: () => new GlobalAvgPool1d(), ...contract });

onBackends(['wasm', 'cpu'], () => {
  // The numbers of PyTorch 1.13.
  test.each<[string, { predict(x: Tensor): Tensor }, number[]]>([
    ['maxima, overlapping', new MaxPool1d({ kernel: 3, stride: 2, padding: 1 }), [3, 5, 5, 0]],
    ['maxima, with dilation', new MaxPool1d({ kernel: 2, dilation: 3 }), [5, 2]],
    ['maxima, with a window over the end', new MaxPool1d({ kernel: 2, ceil: true }), [3, 5, 5, -4]],
    ['means, padding counted', new AvgPool1d({ kernel: 3, stride: 2, padding: 1 }), [2 / 3, 2, 10 / 3, -4 / 3]],
    [
      'means, padding not counted',
      new AvgPool1d({ kernel: 3, stride: 2, padding: 1, countIncludePad: false }),
      [1, 2, 10 / 3, -2],
    ],
    ['adaptive means', new AdaptiveAvgPool1d({ output: 3 }), [4 / 3, 4, 1 / 3]],
    ['adaptive maxima', new AdaptiveMaxPool1d({ output: 3 }), [3, 5, 5]],
  ])('%s', (_, layer, expected) => {
    using x = tensor([3, -1, 2, 5, 5, 0, -4], [1, 7, 1]);
    using y = layer.predict(x);
    expectClose(y, { shape: [1, expected.length, 1], data: expected }, 1e-6);
  });

  test('maxima with their steps', () => {
    using x = tensor([3, -1, 2, 5, 5, 0, -4], [1, 7, 1]);
    const { y, indices } = new MaxPool1d({ kernel: 3, stride: 2, padding: 1 }).withIndices(x);
    expect([...y.dataSync()]).toEqual([3, 5, 5, 0]);
    expect([...indices.dataSync()]).toEqual([0, 3, 3, 5]);
    y.dispose();
    indices.dispose();
  });

  test('bad options and inputs are refused', () => {
    for (const options of [{ kernel: 0 }, { kernel: 1.5 }, { kernel: 2, stride: 0 }, { kernel: 2, padding: 2 }]) {
      expect(() => new MaxPool1d(options), JSON.stringify(options)).toThrow(ConfigError);
      expect(() => new AvgPool1d(options), JSON.stringify(options)).toThrow(ConfigError);
    }
    expect(() => new AdaptiveAvgPool1d({ output: 2.5 })).toThrow(/output must be a positive integer/);
    using x = ones([2, 3]);
    expect(() => new MaxPool1d({ kernel: 2 }).forward(x)).toThrow(/needs a batch axis in front: \[1, 2, 3\]/);
    expect(() => new MaxPool1d({ kernel: 4 }).outputShape([3, 2])).toThrow(ShapeError);
  });
});
