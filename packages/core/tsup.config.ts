import { defineConfig } from 'tsup';
import { tfjsGradients } from './tfjs-gradients';

const folders = ['data', 'io', 'losses', 'nn', 'ops', 'optim', 'train'];

export default defineConfig({
  entry: { index: 'src/index.ts', ...Object.fromEntries(folders.map((name) => [name, `src/${name}/index.ts`])) },
  format: ['esm', 'cjs'],
  splitting: true, // one copy of the engine state, whichever subpath is imported, in CJS too
  dts: true,
  clean: true,
  target: 'es2022',
  // tfjs-core cannot load its own gradient definitions in plain Node (imports without extensions): inline them.
  esbuildPlugins: [tfjsGradients],
  noExternal: [/tfjs-core\/dist\/register_all_gradients/],
});
