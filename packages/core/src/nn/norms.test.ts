import {
  channelsLast,
  expectGolden,
  type Golden,
  layerContract,
  type OracleTensor,
  onBackends,
  readOracle,
  tensorOf,
} from '@dl/testing';
import { ones, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../errors';
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm } from './index';
import type { Module } from './module';

/** Golden cases of one op as cases of a contract: gamma and beta are weight and bias, the channels go last. */
function goldens(op: string, make: (params: Record<string, unknown>, sizes: number[]) => Module): Golden[] {
  const turn = op === 'layer_norm' ? (tensor: OracleTensor) => tensor : channelsLast;
  return readOracle('torch', 'norm')
    .cases.filter((golden) => golden.op === op)
    .map(({ name, params, inputs, outputs, grad_outputs, grads, f32_noise }): Golden => {
      const { x, gamma, beta, running_mean, running_var } = inputs;
      return {
        name,
        make: () => {
          const layer = make(params, gamma!.shape);
          const state: Record<string, OracleTensor | undefined> = {
            weight: gamma,
            bias: beta,
            running_mean,
            running_var,
          };
          for (const [key, member] of [...layer.parameters(), ...layer.buffers()]) {
            const values = state[key];
            if (values !== undefined) member.assign(Float32Array.from(values.data));
          }
          return layer;
        },
        input: turn(x!),
        context: { train: params.training === true },
        output: turn(outputs.y!),
        gradOutput: turn(grad_outputs!.y!),
        grads: { input: turn(grads!.x!), weight: grads!.gamma!, bias: grads!.beta! },
        noise: {
          output: f32_noise?.y,
          input: f32_noise?.['grad:x'],
          weight: f32_noise?.['grad:gamma'],
          bias: f32_noise?.['grad:beta'],
        },
      };
    });
}

layerContract('LayerNorm', {
  make: () => new LayerNorm({ normalizedShape: 5 }),
  input: [3, 5],
  steady: true,
  golden: goldens('layer_norm', ({ eps }, normalizedShape) => new LayerNorm({ normalizedShape, eps: eps as number })),
});
layerContract('LayerNorm over two axes', {
  make: () => new LayerNorm({ normalizedShape: [4, 5], bias: false }),
  input: [2, 3, 4, 5],
  wrong: [[2, 3, 5, 4], [5]],
});
layerContract('RMSNorm', { make: () => new RMSNorm({ normalizedShape: 5 }), input: [3, 2, 5] });
layerContract('GroupNorm', {
  make: () => new GroupNorm({ groups: 2, channels: 6 }),
  input: [2, 3, 2, 6],
  golden: goldens('group_norm', ({ groups, eps }, [channels]) => {
    return new GroupNorm({ groups: groups as number, channels: channels!, eps: eps as number });
  }),
});
layerContract('InstanceNorm', {
  make: () => new InstanceNorm({ channels: 3, affine: true }),
  input: [2, 4, 3],
  wrong: [
    [2, 4, 4],
    [2, 3],
  ],
  golden: goldens('instance_norm', ({ eps }, [channels]) => {
    return new InstanceNorm({ channels: channels!, eps: eps as number, affine: true });
  }),
});
layerContract('BatchNorm', {
  make: () => new BatchNorm({ channels: 3 }),
  input: [4, 3],
  steady: true,
  golden: goldens('batch_norm', ({ eps }, [channels]) => new BatchNorm({ channels: channels!, eps: eps as number })),
});
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
      const { training, momentum } = golden.params as { training: boolean; momentum: number };
      const { x, running_mean, running_var } = golden.inputs;
      using layer = new BatchNorm({ channels: running_mean!.shape[0]!, momentum });
      layer.running_mean.assign(Float32Array.from(running_mean!.data));
      layer.running_var.assign(Float32Array.from(running_var!.data));
      tidy(() => void layer.forward(tensorOf(channelsLast(x!)), { train: training }));
      const { running_mean_after, running_var_after } = golden.outputs;
      const noise = golden.f32_noise;
      expectGolden(layer.running_mean.value, running_mean_after!, noise?.running_mean_after, 'running_mean');
      expectGolden(layer.running_var.value, running_var_after!, noise?.running_var_after, 'running_var');
      expect(layer.num_batches_tracked.value.dataSync()[0]).toBe(training ? 1 : 0);
    });
  }

  test('without a momentum, the running statistics are the average over all batches', () => {
    using layer = new BatchNorm({ channels: 1, momentum: null });
    for (const values of [
      [1, 3],
      [4, 8],
      [7, 7],
    ]) {
      tidy(() => void layer.forward(tensor(values, [2, 1]), { train: true }));
    }
    expect(layer.running_mean.value.dataSync()[0]).toBeCloseTo((2 + 6 + 7) / 3, 5);
    expect(layer.running_var.value.dataSync()[0]).toBeCloseTo((2 + 8 + 0) / 3, 5);
  });

  test('a single element a channel has no variance', () => {
    using layer = new BatchNorm({ channels: 3 });
    tidy(() => {
      expect(() => layer.forward(ones([1, 3]), { train: true })).toThrowErrorMatchingInlineSnapshot(`
        [ShapeError: BatchNorm: a channel needs two elements or more in training, to have a variance
          input  [batch=1, features=3]
          hint   give a larger batch]
      `);
      expect(layer.forward(ones([1, 3])).shape).toEqual([1, 3]);
    });
  });
});
