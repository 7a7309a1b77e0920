import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    deep: 'src/deep/index.ts',
    cnn: 'src/cnn/index.ts',
    rnn: 'src/rnn/index.ts',
    csv: 'src/csv/index.ts',
    cli: 'src/cli/main.ts',
  },
  format: ['esm', 'cjs'],
  splitting: true, // one copy of the kernels, whichever subpath is imported, in CJS too
  dts: true,
  clean: true,
  target: 'es2022',
});
