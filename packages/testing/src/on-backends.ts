import { init } from '@dl/core';
import { beforeAll, describe } from 'vitest';

/** The backends tests run on: `wasm` with the kernels, `cpu` with the composed forms. */
export type TestBackend = 'wasm' | 'cpu';

/** Registers the tests of `define` once for every backend, which is active while they run. */
export function onBackends(backends: readonly TestBackend[], define: (backend: TestBackend) => void): void {
  for (const backend of backends) {
    describe(`on ${backend}`, () => {
      beforeAll(async () => {
        if (backend === 'cpu') await import('./reference-backend');
        await init({ backend });
      });
      define(backend);
    });
  }
}
