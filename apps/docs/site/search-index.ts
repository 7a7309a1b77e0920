import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadContext, Plugin } from '@docusaurus/types';
import { type CheerioAPI, load } from 'cheerio';
import type { Section } from '../src/search/search.ts';
import { frozenVersions, publicPackages } from './packages.ts';

/** Headings that every page of an API reference has: no one looks for them. */
const everywhere = new Set([
  'Parameters',
  'Returns',
  'Throws',
  'Example',
  'Examples',
  'Default',
  'See',
  'Extends',
  'Extended by',
  'Implements',
  'Inherited from',
  'Overrides',
  'Type Parameters',
  'Type Declaration',
  'Properties',
  'Methods',
  'Constructors',
  'Constructor',
  'Accessors',
  'Functions',
  'Classes',
  'Interfaces',
  'Type Aliases',
  'Variables',
  'Enumerations',
  'Namespaces',
  'References',
  'Call Signature',
  'Get Signature',
  'Set Signature',
  'Implementation of',
  'Default Value',
  'Entries',
  'Indexable',
]);

/** Not text to read: formulas are there twice, code that runs is looked up in its own file. */
const skipped = '.katex, .hash-link, figure svg, [data-example], button, script, style, table caption';

/**
 * Writes `search-index.json` of each language from the pages as they are built, so that what is found is what is read. Of
 * an API reference it holds what is being developed: names, and the line that says what they are.
 */
export default function searchIndex({ baseUrl }: LoadContext): Plugin {
  const frozen = publicPackages.flatMap(({ id }) => frozenVersions(id).map((version) => `api/${id}/${version}/`));
  return {
    name: 'search-index',
    postBuild({ outDir, routesPaths }) {
      const addresses = routesPaths
        .map((path) => path.slice(baseUrl.length))
        .filter((url) => !url.endsWith('.html') && !frozen.some((it) => url.startsWith(it)));
      const sections = [...new Set(addresses)].sort().flatMap((url) => {
        const file = join(outDir, decodeURI(url), 'index.html');
        return existsSync(file) ? sectionsOf(url, load(readFileSync(file, 'utf8'))) : [];
      });
      const text = JSON.stringify(sections);
      writeFileSync(join(outDir, 'search-index.json'), text);
      console.log(`search-index.json: ${sections.length} sections, ${(Buffer.byteLength(text) / 1024).toFixed(0)} KB`);
      return Promise.resolve();
    },
  };
}

function groupOf(url: string): string {
  const [first = '', id = ''] = url.split('/');
  return first === 'api' ? (publicPackages.find((it) => it.id === id)?.name ?? first) : first;
}

/** The sections of one page, or none where it is not a page of text. */
export function sectionsOf(url: string, $: CheerioAPI): readonly Section[] {
  const article = $('.theme-doc-markdown').first();
  if (article.length === 0) return [];
  const api = url.startsWith('api/');
  const page = article.find('h1').first().text().trim() || $('title').text().trim();
  article.find(skipped).remove();
  const group = groupOf(url);
  const sections: { url: string; group: string; page: string; heading?: string; text: string }[] = [];
  let open: (typeof sections)[number] = { url, group, page, text: '' };
  sections.push(open);

  const visit = (element: ReturnType<CheerioAPI>): void => {
    const name = String(element.prop('tagName')).toLowerCase();
    if (name === 'h1' || element.find('h1').length > 0) return;
    const id = element.attr('id');
    if (/^h[2-4]$/.test(name) && id !== undefined) {
      const heading = element
        .text()
        .replace(/\u200b/g, '')
        .trim();
      if (api && everywhere.has(heading)) return;
      // Members of a class are found with their class: its page has them all.
      if (api && url.includes('/classes/')) {
        open.text += ` ${heading}`;
        return;
      }
      open = { url: `${url}#${id}`, group, page, heading, text: '' };
      sections.push(open);
      return;
    }
    if (element.find('h2[id], h3[id], h4[id]').length > 0) {
      visitAll(element);
      return;
    }
    // Of a reference the first sentences, not the tables of parameters.
    if (api && (name !== 'p' || open.text.length > 120)) return;
    open.text += ` ${element.text()}`;
  };
  const visitAll = (element: ReturnType<CheerioAPI>): void => {
    for (const child of element.children().toArray()) visit($(child));
  };
  visitAll(article);
  return sections
    .map((it) => ({ ...it, text: it.text.replace(/\s+/g, ' ').trim() }))
    .filter((it) => it.text !== '' || it.heading !== undefined || it.url === url)
    .filter((it) => !it.text.startsWith('Re-exports ')); // found where they are
}
