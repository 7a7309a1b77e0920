import { matMul, memory, reshape, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../backend/init';
import { ConfigError } from '../errors';
import { key } from '../random';
import * as initializers from './initializers';
import { fansOf, type Initializer } from './initializers';
import type { Shape } from './module';

beforeAll(async () => {
  await init();
});

function drawn(initializer: Initializer, shape: Shape): Float32Array {
  return tidy(() => initializer(shape, key(3)).dataSync() as Float32Array);
}

function statistics(values: Float32Array): { mean: number; std: number; largest: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, std, largest: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

describe('fans', () => {
  test('of a matrix are [out, in], of a kernel [...kernel, in, out]', () => {
    expect(fansOf([64, 32])).toEqual({ in: 32, out: 64 });
    expect(fansOf([3, 5, 32, 64])).toEqual({ in: 3 * 5 * 32, out: 3 * 5 * 64 });
    expect(fansOf([7, 2, 4])).toEqual({ in: 14, out: 28 });
  });

  test('of a bias there are none', () => {
    expect(() => fansOf([64])).toThrow(ConfigError);
    expect(() => drawn(initializers.heNormal(), [64])).toThrow(/has no fans/);
  });
});

describe('the spread', () => {
  const [fanIn, fanOut] = [200, 300];
  const uniform: [string, Initializer, bound: number][] = [
    ['glorotUniform', initializers.glorotUniform(), Math.sqrt(6 / 500)],
    ['glorotUniform with a gain', initializers.glorotUniform({ gain: 5 / 3 }), (5 / 3) * Math.sqrt(6 / 500)],
    ['heUniform', initializers.heUniform(), Math.sqrt(6 / fanIn)],
    ['heUniform for the gradients', initializers.heUniform({ mode: 'out' }), Math.sqrt(6 / fanOut)],
    ['heUniform for a leaky ReLU', initializers.heUniform({ slope: 1 }), Math.sqrt(3 / fanIn)],
    ['lecunUniform', initializers.lecunUniform(), Math.sqrt(3 / fanIn)],
    ['torchDefault', initializers.torchDefault(), 1 / Math.sqrt(fanIn)],
    ['torchDefault as PyTorch writes it', initializers.heUniform({ slope: Math.sqrt(5) }), 1 / Math.sqrt(fanIn)],
    ['other fans', initializers.torchDefault({ fans: { in: 9, out: 1 } }), 1 / 3],
  ];
  test.each(uniform)('of %s', (_, initializer, bound) => {
    const { mean, std, largest } = statistics(drawn(initializer, [fanOut, fanIn]));
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.999 * bound);
    expect(Math.abs(mean)).toBeLessThan(0.01 * bound);
    expect(std / (bound / Math.sqrt(3))).toBeCloseTo(1, 2);
  });

  const normal: [string, Initializer, mean: number, std: number][] = [
    ['normal', initializers.normal({ mean: 2, std: 0.5 }), 2, 0.5],
    ['glorotNormal', initializers.glorotNormal(), 0, Math.sqrt(2 / 500)],
    ['heNormal', initializers.heNormal(), 0, Math.sqrt(2 / fanIn)],
    ['lecunNormal', initializers.lecunNormal(), 0, Math.sqrt(1 / fanIn)],
    ['truncatedNormal', initializers.truncatedNormal({ std: 3 }), 0, 3 * 0.8796],
  ];
  test.each(normal)('of %s', (_, initializer, mean, std) => {
    const found = statistics(drawn(initializer, [fanOut, fanIn]));
    expect(found.mean - mean).toBeCloseTo(0, 1);
    expect(found.std / std).toBeCloseTo(1, 2);
  });

  test('of truncatedNormal ends at its bounds', () => {
    const values = drawn(initializers.truncatedNormal({ mean: 1, std: 0.1, min: -1, max: 2 }), [500, 20]);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(0.9));
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(1.2));
  });
});

test('constants', () => {
  expect([...drawn(initializers.zeros, [2])]).toEqual([0, 0]);
  expect([...drawn(initializers.ones, [2])]).toEqual([1, 1]);
  expect([...drawn(initializers.constant(0.5), [2])]).toEqual([0.5, 0.5]);
});

describe('orthogonal', () => {
  test.each<[shape: Shape, gain: number]>([
    [[1, 1], 1],
    [[6, 6], 1],
    [[3, 8], 2],
    [[8, 3], 0.5],
    [[3, 3, 4, 5], 1],
    [[200, 200], 1],
  ])('rows or columns of %j are orthonormal times %d', (shape, gain) => {
    tidy(() => {
      const columns = shape.at(-1)!;
      const rows = shape.reduce((a, b) => a * b, 1) / columns;
      const weight = reshape(initializers.orthogonal({ gain })(shape, key(1)), [rows, columns]);
      const product = matMul(weight, weight, rows > columns, rows <= columns);
      const size = Math.min(rows, columns);
      const values = product.dataSync();
      let worst = 0;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          worst = Math.max(worst, Math.abs(values[i * size + j]! - (i === j ? gain * gain : 0)));
        }
      }
      expect(worst).toBeLessThan(2e-6 * Math.max(1, gain * gain));
    });
  });

  test('the determinant of a rotation or a reflection, over seeds, has both signs', () => {
    const signs = new Set(
      Array.from({ length: 12 }, (_, seed) => {
        using matrix = initializers.orthogonal()([2, 2], key(seed));
        const [a, b, c, d] = matrix.dataSync();
        return Math.sign(a! * d! - b! * c!);
      }),
    );
    expect(signs).toEqual(new Set([1, -1]));
  });
});

test('the same key gives the same values, another one others, and nothing is left behind', () => {
  const before = memory().numTensors;
  for (const make of [initializers.normal(), initializers.orthogonal(), initializers.torchDefault()]) {
    const values = (seed: number): number[] => tidy(() => [...make([4, 3], key(seed)).dataSync()]);
    expect(values(1)).toEqual(values(1));
    expect(values(1)).not.toEqual(values(2));
  }
  expect(memory().numTensors).toBe(before);
});

test('a shape that cannot be is refused before anything is allocated', () => {
  expect(() => initializers.zeros([1e6, 1e6], key(0))).toThrow(ConfigError);
  expect(() => initializers.normal()([3, -1], key(0))).toThrow(/positive integers/);
});
