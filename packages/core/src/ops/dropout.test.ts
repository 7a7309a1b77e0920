import '@tensorflow/tfjs-backend-cpu';
import { grad, ones, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError, DtypeError } from '../errors';
import { key } from '../random';
import { withComposedOps } from './define-op';
import { dropout } from './dropout';

const values = (n: number) => tensor(Float32Array.from({ length: n }, (_, i) => i + 1));

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each([0, 1, 3, 4, 7, 8, 9, 15, 1021])(
    'the mask of %i elements follows from the key, and is that of the gradient',
    (n) => {
      tidy(() => {
        const options = { rate: 0.3, key: key(5) };
        const x = values(n);
        const y = dropout(x, options).dataSync();
        const words = options.key.bits(n);
        for (let i = 0; i < n; i++)
          expect(y[i]).toBe(words[i]! < 0.3 * 2 ** 32 ? 0 : Math.fround((i + 1) * Math.fround(1 / 0.7)));
        expect(withComposedOps(() => dropout(x, options).dataSync())).toEqual(y);
        const dx = grad((x: Tensor) => dropout(x, options))(x, values(n)).dataSync();
        expect(dx).toEqual(y);
      });
    },
  );

  test('the share dropped is the rate, the mean stays', () => {
    tidy(() => {
      const y = [...dropout(ones([100_000]), { rate: 0.4, key: key(1) }).dataSync()];
      const kept = y.filter((v) => v > 0).length / y.length;
      expect(Math.abs(kept - 0.6)).toBeLessThan(0.01);
      expect(Math.abs(y.reduce((a, b) => a + b, 0) / y.length - 1)).toBeLessThan(0.02);
    });
  });

  test('rates 0 and 1 keep and drop all', () => {
    tidy(() => {
      const x = values(5);
      expect([...dropout(x, { rate: 0, key: key(1) }).dataSync()]).toEqual([1, 2, 3, 4, 5]);
      expect([...dropout(x, { rate: 1, key: key(1) }).dataSync()]).toEqual([0, 0, 0, 0, 0]);
    });
  });

  test('bad input is refused', () => {
    expect(() => dropout(values(2), { rate: 1.5, key: key(1) })).toThrow(ConfigError);
    expect(() => dropout(tensor([1], [1], 'int32'), { rate: 0.5, key: key(1) })).toThrow(DtypeError);
  });
});
