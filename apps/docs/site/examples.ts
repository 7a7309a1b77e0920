import type { Plugin } from '@docusaurus/types';

/** `import code from './file.ts?raw'` gives the text of a file: that is how a page gets its examples. */
export default function examples(): Plugin {
  return {
    name: 'examples',
    configureWebpack: () => ({
      // Before the rules of Docusaurus, which would compile the file.
      mergeStrategy: { 'module.rules': 'prepend' },
      module: { rules: [{ resourceQuery: /raw/, type: 'asset/source' }] },
    }),
  };
}
