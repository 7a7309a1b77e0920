import { ConfigError, fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { mean, square, tensor, tidy } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { layerContract } from '@dl/testing';
import { describe, expect, test } from 'vitest';
import { NewLayer, newLayer } from './new-layer';

layerContract('NewLayer', { make: () => new NewLayer({ features: 5 }), input: [3, 5], steady: true });
layerContract('NewLayer of images', {
  make: () => new NewLayer({ features: 8 }),
  input: [2, 3, 2, 8],
  wrong: [[2, 3, 2, 4], [8]],
});

describe('NewLayer', () => {
  test('gives normal inputs mean 0 and variance 1 at the start', async () => {
    await init();
    tidy(() => {
      const y = new NewLayer({ features: 4 }).forward(tensor(key(0).normal([50_000, 4]), [50_000, 4]));
      expect(mean(y).dataSync()[0]).toBeCloseTo(0, 1);
      expect(mean(square(y)).dataSync()[0]).toBeCloseTo(1, 1);
    });
  });

  test('trains in a stack', async () => {
    await init();
    using model = sequential({ input: [1], key: key(0) }, [linear({ out: 8 }), newLayer(), linear({ out: 1 })]);
    const points = Array.from({ length: 64 }, (_, i) => i / 32 - 1);
    const data = Dataset.from(points.map((x) => ({ x: [x], y: [Math.sin(3 * x)] })));
    const losses: number[] = [];
    const options = { data: data.shuffle(key(1)).batch(16), loss: mse, optimizer: adam({ lr: 0.02 }), epochs: 40 };
    for await (const epoch of fit(model, options).epochs()) losses.push(epoch.loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
  });

  test.each([{ features: 0 }, { features: 1.5 }, { features: 2, scale: Number.NaN }, { features: 2, bias: Infinity }])(
    'refuses %j',
    (config) => {
      expect(() => new NewLayer(config)).toThrow(ConfigError);
    },
  );
});
