import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', ops: 'src/ops/index.ts' },
  format: ['esm', 'cjs'],
  splitting: true, // one copy of the kernels, whichever subpath is imported, in CJS too
  dts: true,
  clean: true,
  target: 'es2022',
});
