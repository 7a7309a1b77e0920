// Writes tfjs's SIMD binary, compressed, into a TypeScript module: so it is found in Node, by every bundler, in workers
// and from a CDN without a path to configure.
//
//   node kernels/embed.mjs src/backend/tfjs-wasm.generated.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [output] = process.argv.slice(2);
const tfjs = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
const packed = gzipSync(readFileSync(join(tfjs, 'dist', 'tfjs-backend-wasm-simd.wasm')), { level: 9 });
writeFileSync(
  output,
  `// tfjs-backend-wasm-simd.wasm of @tensorflow/tfjs-backend-wasm (Apache-2.0), gzip, base64; do not edit.
export const tfjsWasm = '${packed.toString('base64')}';
`,
);
