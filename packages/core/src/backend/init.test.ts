import {
  getKernel,
  grad,
  registerKernel,
  setBackend,
  sum,
  tanh,
  tensor,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError, ConfigError } from '../errors';
import { init } from './init';
import { stockKernel } from './override';
import { overrides } from './overrides';

describe('init', () => {
  test('picks wasm with our kernels and gradients', async () => {
    const info = await init();
    expect(info.backend).toBe('wasm');
    const x = tensor([-1, 0, 0.5, 2, 100]);
    const y = tanh(x).dataSync();
    for (const [i, v] of x.dataSync().entries()) expect(y[i]).toBeCloseTo(Math.tanh(v), 6);
    expect(grad(tanh)(x).dataSync()[1]).toBeCloseTo(1, 6);
  });

  test('may be called at the same time and again', async () => {
    const registered = () => overrides.map(({ name }) => getKernel(name, 'wasm'));
    const infos = await Promise.all([init(), init(), init()]);
    const before = registered();
    infos.push(await init());
    for (const info of infos) expect(info).toEqual(infos[0]);
    expect(registered()).toEqual(before);
    for (const { name } of overrides) expect(stockKernel(name)).not.toBe(getKernel(name, 'wasm'));
  });

  test('comes back to wasm after another backend', async () => {
    await init();
    expect(await init({ backend: 'cpu' })).toEqual({ backend: 'cpu', simd: undefined });
    expect(sum(tanh(tensor([0, 1]))).dataSync()[0]).toBeCloseTo(Math.tanh(1), 6);
    await setBackend('cpu');
    expect((await init()).backend).toBe('wasm');
    expect(sum(tanh(tensor([0, 1]))).dataSync()[0]).toBeCloseTo(Math.tanh(1), 6);
  });

  test('puts our kernels back where another copy of tfjs registered its own', async () => {
    await init();
    const { name } = overrides.find((ours) => stockKernel(ours.name) !== undefined)!;
    const ours = getKernel(name, 'wasm');
    const again = { ...stockKernel(name)! };
    unregisterKernel(name, 'wasm');
    registerKernel(again);
    await init();
    expect(getKernel(name, 'wasm')).not.toBe(again);
    expect(getKernel(name, 'wasm')).not.toBe(ours);
    expect(stockKernel(name)).toBe(again);
  });

  test('names the package of a backend that is not there', async () => {
    await expect(init({ backend: 'webgpu' })).rejects.toThrow(ConfigError);
    await expect(init({ backend: 'webgpu' })).rejects.toThrow('npm i @tensorflow/tfjs-backend-webgpu@4.22.0');
  });
});

describe('without WebAssembly SIMD', () => {
  beforeEach(() => {
    vi.resetModules(); // a fresh @dl/core, which has not started yet
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  });
  afterEach(() => void vi.restoreAllMocks());

  test('init says what is needed and what else there is', async () => {
    const fresh = await import('./init');
    const failure = await fresh.init().catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: new BackendError('').name });
    expect((failure as Error).message).toMatch(/needs WebAssembly SIMD .* init\(\{ backend: 'cpu' \}\)/);
  });

  test('the cpu backend works', async () => {
    const fresh = await import('./init');
    expect(await fresh.init({ backend: 'cpu' })).toEqual({ backend: 'cpu', simd: undefined });
  });
});
