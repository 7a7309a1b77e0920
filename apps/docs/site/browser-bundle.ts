import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Plugin } from '@docusaurus/types';
import { type PublicPackage, publicPackages } from './packages.ts';

/** Node's modules that packages import behind a check of where they run: absent in a browser, and that is right. */
const absent = [
  'fs',
  'fs/promises',
  'path',
  'crypto',
  'os',
  'worker_threads',
  'perf_hooks',
  'util',
  'url',
  'zlib',
  'module',
];

const csvForBrowsers = createRequire(new URL('../../../packages/anomaly/package.json', import.meta.url)).resolve(
  'csv-parse/browser/esm',
);

type Exports = Readonly<Record<string, { readonly import?: { readonly default?: string } }>>;

/** The entries of a package that a page can import, `@dl/core/ops`, with the file each is built to. */
function entriesOf({ id, name }: PublicPackage): readonly (readonly [entry: string, file: string])[] {
  const folder = new URL(`../../../packages/${id}/`, import.meta.url);
  const { exports } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { exports: Exports };
  return Object.entries(exports).flatMap(([path, { import: built }]) =>
    path.includes('*') || built?.default === undefined
      ? []
      : [[name + path.slice(1), fileURLToPath(new URL(built.default, folder))] as const],
  );
}

/**
 * What a browser needs of the bundler, and the list of what an example may import: every entry of every public package,
 * each loaded when an example asks for it.
 */
export default function browserBundle(): Plugin {
  const entries = publicPackages.filter(({ id }) => id !== 'create-layer' && id !== 'testing').flatMap(entriesOf);
  return {
    name: 'browser-bundle',
    async contentLoaded({ actions }) {
      const lines = entries.map(([entry]) => `  '${entry}': () => import('${entry}'),`);
      await actions.createData('modules.js', `export const modules = {\n${lines.join('\n')}\n};\n`);
    },
    configureWebpack: (_config, isServer) => ({
      // Docusaurus writes modules with `require` in them, which in a package of modules would be taken for ES modules.
      module: { rules: [{ test: /[\\/]\.docusaurus[\\/].*\.js$/, type: 'javascript/auto' }] },
      resolve: {
        alias: {
          ...Object.fromEntries(entries.map(([entry, file]) => [`${entry}$`, file])),
          // The same parser with the streams of Node brought along.
          ...(isServer ? {} : { 'csv-parse$': csvForBrowsers }),
        },
        ...(isServer ? {} : { fallback: Object.fromEntries(absent.map((id) => [id, false as const])) }),
      },
      ...(isServer ? {} : { node: { __filename: 'mock', __dirname: 'mock' } }),
    }),
  };
}
