import { layerContract } from '@dl/testing';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../errors';
import * as layers from './index';
import type { Module } from './module';

const activations: Record<string, () => Module> = {
  ReLU: () => new layers.ReLU(),
  ReLU6: () => new layers.ReLU6(),
  LeakyReLU: () => new layers.LeakyReLU({ negativeSlope: 0.2 }),
  ELU: () => new layers.ELU({ alpha: 0.7 }),
  SELU: () => new layers.SELU(),
  GELU: () => new layers.GELU(),
  'GELU by tanh': () => new layers.GELU({ approximate: 'tanh' }),
  SiLU: () => new layers.SiLU(),
  Mish: () => new layers.Mish(),
  Softplus: () => new layers.Softplus({ beta: 2 }),
  Softsign: () => new layers.Softsign(),
  Sigmoid: () => new layers.Sigmoid(),
  LogSigmoid: () => new layers.LogSigmoid(),
  Tanh: () => new layers.Tanh(),
  Hardsigmoid: () => new layers.Hardsigmoid(),
  Hardswish: () => new layers.Hardswish(),
  Hardtanh: () => new layers.Hardtanh({ min: -0.6, max: 1.3 }),
};

for (const [name, make] of Object.entries(activations)) layerContract(name, { make, input: [3, 7], wrong: [] });

layerContract('Softmax', { make: () => new layers.Softmax(), input: [3, 5], wrong: [[3]] });
layerContract('Softmax over time', { make: () => new layers.Softmax({ axis: -2 }), input: [2, 4, 3], wrong: [[2, 3]] });
layerContract('LogSoftmax', { make: () => new layers.LogSoftmax(), input: [3, 5], wrong: [[3]] });
layerContract('GLU', { make: () => new layers.GLU(), input: [3, 6], wrong: [[3, 5], [6]] });
layerContract('GLU over time', { make: () => new layers.GLU({ axis: -2 }), input: [2, 4, 3], wrong: [[2, 3, 3]] });
layerContract('PReLU', { make: () => new layers.PReLU(), input: [3, 5], wrong: [] });
layerContract('PReLU per channel', { make: () => new layers.PReLU({ channels: 4 }), input: [2, 3, 4] });

describe('options', () => {
  test.each<[string, () => Module]>([
    ['LeakyReLU', () => new layers.LeakyReLU({ negativeSlope: Number.NaN })],
    ['GELU', () => new layers.GELU({ approximate: 'erf' as 'none' })],
    ['Softplus', () => new layers.Softplus({ beta: 0 })],
    ['Hardtanh', () => new layers.Hardtanh({ min: 1, max: 0 })],
    ['PReLU', () => new layers.PReLU({ channels: 0 })],
  ])('of %s are checked', (name, make) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(new RegExp(`^${name}: `));
  });

  test('an axis is counted from the end', () => {
    expect(() => new layers.Softmax({ axis: 1 }).outputShape([4, 4])).toThrow(/negative integer/);
  });
});
