import { ConfigError, key, ShapeError } from '@dl/core';
import { ones, tidy } from '@dl/core/ops';
import { layerContract, onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  DepthwiseConv2d,
  GlobalAvgPool2d,
  GlobalMaxPool2d,
  MaxPool2d,
  SeparableConv2d,
} from './index';

layerContract('Conv2d', {
  make: (key) => new Conv2d({ in: 2, out: 3, kernel: 3, padding: 'same', key }),
  input: [2, 4, 5, 2],
});
layerContract('Conv2d with stride, dilation, groups and reflected padding', {
  make: (key) =>
    new Conv2d({
      in: 4,
      out: 6,
      kernel: [3, 2],
      stride: 2,
      dilation: [1, 2],
      groups: 2,
      padding: 1,
      paddingMode: 'reflect',
      bias: false,
      key,
    }),
  input: [2, 5, 4, 4],
});
layerContract('Conv2d and tanh', {
  make: (key) => new Conv2d({ in: 2, out: 3, kernel: 2, activation: 'tanh', key }),
  input: [2, 3, 4, 2],
});
layerContract('Conv1d, causal', {
  make: (key) => new Conv1d({ in: 2, out: 3, kernel: 3, dilation: 2, padding: 'causal', key }),
  input: [2, 6, 2],
});
layerContract('ConvTranspose2d', {
  make: (key) => new ConvTranspose2d({ in: 3, out: 2, kernel: 3, stride: 2, padding: 1, outputPadding: 1, key }),
  input: [2, 3, 2, 3],
});
layerContract('DepthwiseConv2d', {
  make: (key) => new DepthwiseConv2d({ in: 5, kernel: 3, padding: 'same', stride: 2, key }),
  input: [2, 4, 5, 5],
});
layerContract('DepthwiseConv2d with a multiplier', {
  make: (key) => new DepthwiseConv2d({ in: 2, multiplier: 3, kernel: 2, key }),
  input: [2, 3, 4, 2],
});
layerContract('SeparableConv2d', {
  make: (key) => new SeparableConv2d({ in: 2, out: 3, kernel: 3, padding: 'same', key }),
  input: [2, 4, 3, 2],
});
const unfit = { wrong: [[2, 6]] };
layerContract('MaxPool2d', {
  make: () => new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }),
  input: [2, 5, 6, 3],
  ...unfit,
});
layerContract('AvgPool2d', {
  make: () => new AvgPool2d({ kernel: 2, padding: 'same' }),
  input: [2, 5, 4, 3],
  ...unfit,
});
layerContract('AdaptiveAvgPool2d', {
  make: () => new AdaptiveAvgPool2d({ output: [2, 3] }),
  input: [2, 5, 4, 3],
  ...unfit,
});
layerContract('AdaptiveMaxPool2d', {
  make: () => new AdaptiveMaxPool2d({ output: [3, 2] }),
  input: [2, 5, 4, 3],
  ...unfit,
});
layerContract('GlobalAvgPool2d', { make: () => new GlobalAvgPool2d(), input: [2, 3, 4, 5], ...unfit });
layerContract('GlobalMaxPool2d', { make: () => new GlobalMaxPool2d(), input: [2, 3, 4, 5], ...unfit });
onBackends(['wasm'], () => {
  test('errors say what is wrong, where, and what to do', () => {
    using layer = new Conv2d({ in: 3, out: 4, kernel: 5, key: key(0) });
    tidy(() => {
      expect(() => layer.forward(ones([2, 8, 8, 2]))).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: Conv2d: the input has 2 channels, the weight expects 3
          input   [batch=2, height=8, width=8, channels=2]
          weight  [kernelHeight=5, kernelWidth=5, in=3, out=4]
          hint    set in: 2, or give the layer 3 channels]
      `);
      expect(() => layer.forward(ones([2, 3, 8, 8]))).toThrow(/channels go last here \(NHWC\)/);
      expect(() => layer.forward(ones([2, 4, 8, 3]))).toThrow(/the kernel spans 5 rows, the input has 4/);
      expect(() => layer.forward(ones([8, 8, 3]))).toThrow(/needs a batch axis in front: \[1, 8, 8, 3\]/);
      expect(() => layer.outputShape([8, 8, 4])).toThrow(ShapeError);
      expect(() => layer.forward(ones([2, 8, 8, 3], 'int32'))).toThrow(/float32 is needed/);
    });
    const made = (options: object) => () => new Conv2d({ in: 4, out: 4, kernel: 3, key: key(0), ...options });
    expect(made({ groups: 3 })).toThrow(/groups is 3, which does not divide the 4 input/);
    for (const options of [
      { stride: 0 },
      { stride: -1 },
      { kernel: 2.5 },
      { padding: -1 },
      { padding: 'causal' },
      { in: 0 },
    ]) {
      expect(made(options), JSON.stringify(options)).toThrow(ConfigError);
    }
    expect(made({ paddingMode: 'mirror' })).toThrow(/the padding mode 'mirror' is not known/);
    expect(() => new MaxPool2d({ kernel: 2, padding: 2 })).toThrow(/at most half of the kernel/);
    expect(() => new ConvTranspose2d({ in: 1, out: 1, kernel: 2, outputPadding: 1, key: key(0) })).toThrow(
      /outputPadding/,
    );
  });
});
