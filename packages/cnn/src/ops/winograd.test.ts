import { init, key } from '@dl/core';
import { dispose, grads, type Tensor, tensor } from '@dl/core/ops';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { conv2d } from './conv-2d';

beforeAll(() => init());

const numbers = (name: string, shape: number[]) => tensor(key(0).child(name).normal(shape), shape);

/** The largest difference, relative to the largest value. */
function difference(a: Tensor, b: Tensor): number {
  const [x, y] = [a.dataSync(), b.dataSync()];
  let [most, largest] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    most = Math.max(most, Math.abs(x[i]! - y[i]!));
    largest = Math.max(largest, Math.abs(y[i]!));
  }
  return most / largest;
}

const geometry = fc.record({
  batch: fc.integer({ min: 1, max: 5 }),
  kernel: fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
  more: fc.tuple(fc.integer({ min: 8, max: 22 }), fc.integer({ min: 8, max: 22 })),
  channels: fc.constantFrom(16, 20, 36),
  out: fc.constantFrom(16, 20, 44),
  padding: fc.constantFrom('same' as const, 'valid' as const, 1),
});

test('Winograd and direct convolution agree: output and both gradients, within 1e-4 of the largest value', () => {
  let worst = 0;
  fc.assert(
    fc.property(geometry, ({ batch, kernel, more, channels, out, padding }) => {
      const [height, width] = [kernel[0] + more[0], kernel[1] + more[1]];
      const x = numbers('x', [batch, height, width, channels]);
      const w = numbers('w', [...kernel, channels, out]);
      const b = numbers('b', [out]);
      const of = (algorithm: 'auto' | 'direct') => {
        const f = (x: Tensor, w: Tensor, b: Tensor) => conv2d(x, w, b, { padding, algorithm });
        const y = f(x, w, b);
        const dy = numbers('dy', y.shape);
        const gradients = grads(f)([x, w, b], dy);
        dy.dispose();
        return [y, ...gradients];
      };
      const [fast, exact] = [of('auto'), of('direct')];
      for (let i = 0; i < exact.length; i++) worst = Math.max(worst, difference(fast[i]!, exact[i]!));
      dispose([x, w, b, ...fast, ...exact]);
    }),
    { numRuns: 25 },
  );
  expect(worst).toBeGreaterThan(0); // they are two algorithms
  expect(worst).toBeLessThan(1e-4);
});
