import { layerContract, onBackends } from '@dl/testing';
import { ones, tidy } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ConfigError } from '../errors';
import { key } from '../random';
import { Dropout } from './dropout';

layerContract('Dropout', { make: () => new Dropout({ rate: 0.3 }), input: [4, 9], wrong: [] });

onBackends(['wasm', 'cpu'], () => {
  test('drops about the rate, and keeps the mean', () => {
    const layer = new Dropout({ rate: 0.25 });
    const y = tidy(() => layer.forward(ones([100, 100]), { train: true, key: key(1) }).dataSync());
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(dropped).toBeGreaterThan(0.23);
    expect(dropped).toBeLessThan(0.27);
    expect(Math.max(...y)).toBeCloseTo(4 / 3, 6);
  });

  test('needs a key where it draws, and a rate below 1', () => {
    tidy(() => {
      expect(() => new Dropout().forward(ones([2]), { train: true })).toThrowErrorMatchingInlineSnapshot(`
        [ConfigError: Dropout: it draws random numbers in training, and the context has no key
          hint  pass one that differs from step to step: forward(x, { train: true, key: key(0).fold(step) })]
      `);
      expect([...new Dropout({ rate: 0 }).forward(ones([2]), { train: true }).dataSync()]).toEqual([1, 1]);
    });
    expect(() => new Dropout({ rate: 1 })).toThrow(ConfigError);
    expect(() => new Dropout({ rate: -0.1 })).toThrow(
      /rate must be a number of at least 0 and less than 1, it is -0.1/,
    );
  });
});
