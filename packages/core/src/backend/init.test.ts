import { grad, tanh, tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { init } from './init';

test('init picks wasm with our kernels and gradients', async () => {
  const info = await init();
  expect(info.backend).toBe('wasm');
  const x = tensor([-1, 0, 0.5, 2, 100]);
  const y = tanh(x).dataSync();
  for (const [i, v] of x.dataSync().entries()) expect(y[i]).toBeCloseTo(Math.tanh(v), 6);
  expect(grad(tanh)(x).dataSync()[1]).toBeCloseTo(1, 6);
});
