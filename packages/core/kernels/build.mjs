#!/usr/bin/env node
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
// Compiles an AssemblyScript entry to WebAssembly twice, with plain and with relaxed SIMD, and writes both as base64
// into one TypeScript module, together with the type of what they export. No bundler has to know of the binaries.
//
//   dl-kernels kernels/index.ts src/kernels.generated.ts
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [entry, output] = process.argv.slice(2);
if (!entry || !output) {
  console.error('usage: dl-kernels ENTRY.ts OUTPUT.generated.ts');
  process.exit(2);
}

// Resolved from the calling package: the compiler is its devDependency, not a dependency of every user of @dl/core.
const require = createRequire(pathToFileURL(join(process.cwd(), 'package.json')));
const compiler = dirname(require.resolve('assemblyscript/package.json'));
const asc = await import(pathToFileURL(join(compiler, 'dist', 'asc.js')).href);

async function compile(features) {
  const out = `${basename(output)}.${features.length}.wasm`;
  let binary;
  const { error, stderr } = await asc.main(
    [
      entry,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      ...['simd', ...features].flatMap((name) => ['--enable', name]),
      '--outFile',
      out,
    ],
    {
      writeFile: (name, contents) => {
        if (name === out) binary = contents;
      },
      readFile: (name, baseDir) => {
        try {
          return readFileSync(resolve(baseDir, name), 'utf8');
        } catch {
          return null;
        }
      },
    },
  );
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const module = new WebAssembly.Module(binary);
  // A module that lives in somebody else's heap must own nothing in it.
  const imports = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
  if (imports.some((name) => name !== 'env.memory')) {
    console.error(`kernels may import nothing but env.memory, found: ${imports.join(', ')}`);
    process.exit(1);
  }
  if (hasSection(binary, 11)) {
    console.error(
      'kernels may hold no static data: a literal array, string, or a Math function brought a data segment',
    );
    process.exit(1);
  }
  return {
    binary,
    names: WebAssembly.Module.exports(module)
      .filter((e) => e.kind === 'function')
      .map((e) => e.name),
  };
}

/** Whether a WebAssembly binary has a section of this id; 11 is the data section. */
function hasSection(binary, wanted) {
  for (let at = 8; at < binary.length; ) {
    const id = binary[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[at++];
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (id === wanted) return true;
    at += size;
  }
  return false;
}

/** Parameter names of every exported function, read from the sources beside the entry and those it re-exports. */
function signatures() {
  const found = new Map();
  const folders = new Set([dirname(entry)]);
  for (const folder of folders) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
      const source = readFileSync(join(folder, file), 'utf8');
      for (const [, name, params, result] of source.matchAll(/export function (\w+)\s*\(([^)]*)\)\s*:\s*(\w+)/g)) {
        const names = [...params.matchAll(/(\w+)\s*:/g)].map((match) => `${match[1]}: number`);
        found.set(name, `(${names.join(', ')}) => ${result === 'void' ? 'void' : 'number'}`);
      }
    }
  }
  return found;
}

const plain = await compile([]);
const relaxed = await compile(['relaxed-simd']);
const types = signatures();
const members = plain.names.map((name) => `  ${name}: ${types.get(name) ?? '(...args: number[]) => number'};`);
writeFileSync(
  output,
  `// Compiled from ${entry}; do not edit.

export interface Kernels {
${members.join('\n')}
}

export const binaries = {
  plain: '${Buffer.from(plain.binary).toString('base64')}',
  relaxed: '${Buffer.from(relaxed.binary).toString('base64')}',
};
`,
);
console.log(
  `${output}: ${plain.names.length} kernels, ${plain.binary.length} bytes, relaxed ${relaxed.binary.length} bytes`,
);
