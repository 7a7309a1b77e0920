import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes the static files of the site that are made from data, `static/data/*`: `node site/data/build.ts [name...]`. A builder
 * runs again when its own code, a package it computes with or a source of its data is another than the last time.
 */

/** One module of this folder each, with `build(target)`: it writes files into `target`. */
const builders = [
  'digits',
  'digit-classifier',
  'breast-cancer',
  'weather',
  'dates',
  'date-translator',
  'pronunciations',
  'adding-lstm',
] as const;

interface Builder {
  build(target: URL): Promise<void>;
  /** Files it reads, beside its code and packages. */
  readonly inputs?: readonly URL[];
}

/** What a builder made, and from what. */
type Built = Record<string, { readonly from: string; readonly files: readonly string[] }>;

const target = new URL('../../static/data/', import.meta.url);
const record = new URL('../../node_modules/.cache/site-data.json', import.meta.url);
const packages = new URL('../../../../packages/', import.meta.url);
const demo = new URL('../../../demo/package.json', import.meta.url);

/** A module and every module it imports by a relative path, and the packages that they import. */
function codeOf(file: URL, files = new Map<string, string>(), imported = new Set<string>()) {
  if (files.has(file.href)) return { files, imported };
  const text = readFileSync(file, 'utf8');
  files.set(file.href, text);
  for (const [, name] of text.matchAll(/\b(?:from|import) '([^']+)'/g)) {
    if (name!.startsWith('.')) codeOf(new URL(name!, file), files, imported);
    else imported.add(name!);
  }
  return { files, imported };
}

/** The built modules of a package of this repository and of those of this repository that it imports. */
function builtOf(id: string, into = new Map<string, string>()): Map<string, string> {
  const dist = new URL(`${id}/dist/`, packages);
  for (const name of readdirSync(dist)
    .filter((it) => it.endsWith('.js'))
    .sort()) {
    const place = `${id}/${name}`;
    if (into.has(place)) continue;
    const text = readFileSync(new URL(name, dist), 'utf8');
    into.set(place, text);
    for (const [, other] of text.matchAll(/\bfrom ?['"]@dl\/([\w-]+)/g)) builtOf(other!, into);
  }
  return into;
}

function fingerprint(name: string, { inputs = [] }: Builder): string {
  const hash = createHash('sha256');
  const { files, imported } = codeOf(new URL(`./${name}.ts`, import.meta.url));
  for (const text of files.values()) hash.update(text);
  for (const it of imported) {
    const own = /^@dl\/([\w-]+)/.exec(it)?.[1];
    if (own) for (const text of builtOf(own).values()) hash.update(text);
  }
  for (const url of inputs) hash.update(readFileSync(url));
  // The versions of the packages that bring the data.
  hash.update(JSON.stringify((JSON.parse(readFileSync(demo, 'utf8')) as { dependencies: object }).dependencies));
  return hash.digest('hex');
}

const only = process.argv.slice(2);
const unknown = only.find((name) => !builders.includes(name as never));
if (unknown !== undefined) throw new Error(`there is no builder '${unknown}'; there are ${builders.join(', ')}`);
const built: Built = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Built) : {};
await mkdir(target, { recursive: true });
await mkdir(new URL('./', record), { recursive: true });
for (const name of builders) {
  if (only.length > 0 && !only.includes(name)) continue;
  const builder = (await import(`./${name}.ts`)) as Builder;
  const from = fingerprint(name, builder);
  const before = built[name];
  if (before?.from === from && before.files.every((it) => existsSync(new URL(it, target)))) continue;
  const start = performance.now();
  // Into a folder of its own first: what is served is never half written.
  const making = new URL(`../../node_modules/.cache/site-data-${name}/`, import.meta.url);
  await rm(making, { recursive: true, force: true });
  await builder.build(making);
  const files = await readdir(making);
  for (const file of files) await rename(new URL(file, making), new URL(file, target));
  await rm(making, { recursive: true });
  built[name] = { from, files };
  await writeFile(record, JSON.stringify(built, null, 2));
  console.log(`${name}: ${files.join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
