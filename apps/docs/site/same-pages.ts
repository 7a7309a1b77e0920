import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from '@docusaurus/types';

const pagesIn = (folder: string): Set<string> =>
  new Set(globSync('**/*.{md,mdx}', { cwd: fileURLToPath(new URL(folder, import.meta.url)) }));

/** Fails the build where one language has a page that the other lacks. */
export default function samePages(): Plugin {
  const english = pagesIn('../docs/');
  const korean = pagesIn('../i18n/ko/docusaurus-plugin-content-docs/current/');
  const lacking = [
    ...[...english].filter((it) => !korean.has(it)).map((it) => `ko lacks ${it}`),
    ...[...korean].filter((it) => !english.has(it)).map((it) => `en lacks ${it}`),
  ];
  // While pages are written, one language comes first.
  if (lacking.length > 0 && process.env.NODE_ENV === 'production')
    throw new Error(`The two languages of the site differ:\n  ${lacking.join('\n  ')}`);
  return { name: 'same-pages' };
}
