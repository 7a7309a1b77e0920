import { ConfigError } from '@dl/core';
import { tensor } from '@dl/core/ops';
import { channelsLast, expectClose, type Golden, layerContract, onBackends, readOracle } from '@dl/testing';
import { expect, test } from 'vitest';
import { Upsample, type UpsampleConfig } from './upsample';

interface Params {
  size: [number, number];
  mode: 'nearest' | 'bilinear';
  align_corners?: boolean;
}

const golden = readOracle('torch', 'pooling')
  .cases.filter(({ op }) => op === 'interpolate')
  .map((golden): Golden => {
    const { size, mode, align_corners: alignCorners = false } = golden.params as unknown as Params;
    return {
      name: golden.name,
      make: () => new Upsample({ size, mode, alignCorners }),
      input: channelsLast(golden.inputs.x!),
      output: channelsLast(golden.outputs.y!),
      gradOutput: channelsLast(golden.grad_outputs!.y!),
      grads: { input: channelsLast(golden.grads!.x!) },
      noise: { output: golden.f32_noise?.y, input: golden.f32_noise?.['grad:x'] },
    };
  });

layerContract('Upsample', { make: () => new Upsample({ scale: 2 }), input: [2, 3, 4, 2], wrong: [[2, 3, 4]], golden });
layerContract('Upsample, bilinear', {
  make: () => new Upsample({ scale: [1.5, 0.7], mode: 'bilinear' }),
  input: [2, 3, 4, 2],
  wrong: [[2, 3, 4]],
});

onBackends(['wasm'], () => {
  // The numbers of PyTorch 1.13, which goes by the scale and not by the ratio of the sizes.
  test.each<[UpsampleConfig, number[], number[]]>([
    [{ scale: [1.5, 2.5] }, [3, 7], [0, 0, 0, 1, 1, 3, 3, 0, 0, 0, 1, 1, 3, 3, 2, 2, 2, 5, 5, 4, 4]],
    [{ scale: 0.7 }, [1, 2], [0, 1]],
    [
      { scale: [1.5, 2.5], mode: 'bilinear' },
      [3, 7],
      [0, 0.1, 0.5, 0.9, 1.6, 2.4, 3, 1, 1.2, 2, 2.8, 3.15, 3.35, 3.5, 2, 2.3, 3.5, 4.7, 4.7, 4.3, 4],
    ],
    [{ scale: 0.7, mode: 'bilinear' }, [1, 2], [0.7346939, 2.7295921]],
    [{ scale: 0.7, mode: 'bilinear', alignCorners: true }, [1, 2], [0, 3]],
  ])('%j', (config, size, expected) => {
    using x = tensor([0, 1, 3, 2, 5, 4], [1, 2, 3, 1]);
    using y = new Upsample(config).predict(x);
    expectClose(y, { shape: [1, ...size, 1], data: expected }, 1e-5);
  });

  test('bad options are refused', () => {
    for (const config of [{}, { scale: 2, size: 4 }, { scale: 0 }, { scale: Number.NaN }, { size: 2.5 }, { size: 0 }]) {
      expect(() => new Upsample(config as UpsampleConfig), JSON.stringify(config)).toThrow(ConfigError);
    }
    expect(() => new Upsample({ scale: 2, mode: 'cubic' as 'nearest' })).toThrow(/the mode 'cubic' is not known/);
    expect(() => new Upsample({ scale: 2, alignCorners: true })).toThrow(/alignCorners goes with bilinear/);
  });
});
