import type { Plugin } from '@docusaurus/types';

const raw = /raw/;

/** `import code from './file.ts?raw'` gives the text of a file as it stands: that is how a page gets its examples. */
export default function examples(): Plugin {
  return {
    name: 'examples',
    configureWebpack: (config) => {
      // The rules of Docusaurus would compile the file first.
      for (const rule of config.module?.rules ?? []) {
        if (typeof rule === 'object' && rule?.test instanceof RegExp && rule.test.test('file.ts')) {
          rule.resourceQuery = { not: [raw] };
        }
      }
      return { module: { rules: [{ resourceQuery: raw, type: 'asset/source' }] } };
    },
  };
}
