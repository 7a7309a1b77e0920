import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataFrom } from '../display/data.ts';
import { displayOn } from '../display/display.ts';
import type { Shown } from '../display/shown.ts';
import { print } from './print.ts';
import { runExample } from './run-example.ts';

// Every example of the site, run in Node as a page runs it. The browser runs them once more from the built site.

const root = new URL('../../../../', import.meta.url);
const examples = globSync('*/*.ts', { cwd: new URL('../../examples/', import.meta.url) }).sort();

// The data that examples read, made as for the site.
const folder = pathToFileURL(`${mkdtempSync(join(tmpdir(), 'dl-site-data-'))}/`);
const builders = ['digits', 'weather', 'dates', 'pronunciations', 'breast-cancer'];
beforeAll(async () => {
  for (const name of builders) {
    const { build } = (await import(`../../site/data/${name}.ts`)) as {
      readonly build: (target: URL) => Promise<void>;
    };
    await build(folder);
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** The sources of an entry, `@dl/core/ops`, as the package.json of its package names them. */
function sourcesOf(name: string): string {
  const [, id, ...rest] = name.split('/');
  const packageJson = new URL(`packages/${id}/package.json`, root);
  if (!existsSync(packageJson)) throw new Error(`there is no package ${name}`);
  const { exports } = JSON.parse(readFileSync(packageJson, 'utf8')) as {
    exports: Record<string, { '@dl/source'?: string }>;
  };
  const entry = exports[['.', ...rest].join('/')]?.['@dl/source'];
  if (entry === undefined) throw new Error(`${name} is not an entry of its package`);
  return new URL(entry, packageJson).pathname;
}

test.each(examples)('%s', { timeout: 120_000 }, async (example) => {
  const [lines, shown]: [string[], Shown[]] = [[], []];
  const display = displayOn({ show: (it) => shown.push(it), progress: () => undefined });
  const data = dataFrom(async (name) => {
    const { buffer, byteOffset, byteLength } = await readFile(new URL(name, folder));
    return buffer.slice(byteOffset, byteOffset + byteLength);
  });
  const say = (...values: unknown[]) => lines.push(values.map(print).join(' '));
  await runExample(readFileSync(new URL(`../../examples/${example}`, import.meta.url), 'utf8'), {
    load: (name) => {
      if (name === 'dl:display') return Promise.resolve(display);
      if (name === 'dl:data') return Promise.resolve(data);
      return import(sourcesOf(name)) as Promise<unknown>;
    },
    console: { log: say, info: say, warn: say, error: say, table: say },
  });
  expect(lines.length + shown.length).toBeGreaterThan(0);
});
