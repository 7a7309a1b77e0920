import { expectGolden, layerContract, onBackends, readOracle } from '@dl/testing';
import { ones, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { ConfigError, ShapeError } from '../errors';
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm } from './index';

layerContract('LayerNorm', { make: () => new LayerNorm({ normalizedShape: 5 }), input: [3, 5], steady: true });
layerContract('LayerNorm over two axes', {
  make: () => new LayerNorm({ normalizedShape: [4, 5], bias: false }),
  input: [2, 3, 4, 5],
  wrong: [[2, 3, 5, 4], [5]],
});
layerContract('RMSNorm', { make: () => new RMSNorm({ normalizedShape: 5 }), input: [3, 2, 5] });
layerContract('GroupNorm', { make: () => new GroupNorm({ groups: 2, channels: 6 }), input: [2, 3, 2, 6] });
layerContract('InstanceNorm', { make: () => new InstanceNorm({ channels: 3, affine: true }), input: [2, 4, 3] });
layerContract('BatchNorm', { make: () => new BatchNorm({ channels: 3 }), input: [4, 3], steady: true });
layerContract('BatchNorm of images', {
  make: () => new BatchNorm({ channels: 3, momentum: null, affine: false }),
  input: [3, 2, 2, 3],
});

describe('options', () => {
  test.each([
    ['LayerNorm', () => new LayerNorm({ normalizedShape: 0 })],
    ['LayerNorm', () => new LayerNorm({ normalizedShape: 3, eps: -1 })],
    ['GroupNorm', () => new GroupNorm({ groups: 4, channels: 6 })],
    ['InstanceNorm', () => new InstanceNorm({ channels: 1.5 })],
    ['BatchNorm', () => new BatchNorm({ channels: 3, momentum: 1.5 })],
  ])('%s refuses what makes no sense', (name, make) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(name);
  });
});

onBackends(['wasm', 'cpu'], () => {
  for (const golden of readOracle('torch', 'norm').cases.filter((c) => c.op === 'batch_norm')) {
    test(`running statistics: ${golden.name}`, () => {
      const { training, momentum, eps } = golden.params as { training: boolean; momentum: number; eps: number };
      const { x, gamma, beta, running_mean, running_var } = golden.inputs;
      const channels = gamma!.shape[0]!;
      using layer = new BatchNorm({ channels, eps, momentum });
      layer.weight!.assign(Float32Array.from(gamma!.data));
      layer.bias!.assign(Float32Array.from(beta!.data));
      layer.running_mean.assign(Float32Array.from(running_mean!.data));
      layer.running_var.assign(Float32Array.from(running_var!.data));
      tidy(() => {
        const input = tensor(x!.data, x!.shape, 'float32');
        const axes = x!.shape.map((_, axis) => axis);
        const last = [0, ...axes.slice(2), 1].slice(0, axes.length); // [batch, channels, ...] to channels last
        const back = axes.map((axis) => last.indexOf(axis));
        const y = transpose(layer.forward(transpose(input, last), { train: training }), back);
        expectGolden(y, golden.outputs.y!, golden.f32_noise?.y, 'y');
      });
      const { running_mean_after, running_var_after } = golden.outputs;
      const noise = golden.f32_noise;
      expectGolden(layer.running_mean.value, running_mean_after!, noise?.running_mean_after, 'running_mean');
      expectGolden(layer.running_var.value, running_var_after!, noise?.running_var_after, 'running_var');
      expect(layer.num_batches_tracked.value.dataSync()[0]).toBe(training ? 1 : 0);
    });
  }

  test('a single element a channel has no variance', () => {
    using layer = new BatchNorm({ channels: 3 });
    tidy(() => {
      expect(() => layer.forward(ones([1, 3]), { train: true })).toThrow(ShapeError);
      expect(layer.forward(ones([1, 3])).shape).toEqual([1, 3]);
    });
  });
});
