import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ApiRun } from './api-typedoc.ts';
import { frozenVersions, type PublicPackage, publicPackages } from './packages.ts';

// The API reference of every public package, from the entries of its `exports`, into api/ID. A package whose sources have
// not changed since the last time is left as it is.
//
//   node site/api.ts
//   node site/api.ts --freeze ID VERSION [ID VERSION...]     these as they are frozen: their links lead to frozen pages too

const { values, positionals } = parseArgs({
  options: { freeze: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const freezing = new Map<string, string>();
for (let i = 0; values.freeze && i < positionals.length; i += 2) {
  const [id, version] = [positionals[i]!, positionals[i + 1]];
  if (version === undefined || !publicPackages.some((it) => it.id === id)) {
    throw new Error('usage: node site/api.ts --freeze ID VERSION [ID VERSION...]');
  }
  freezing.set(id, version);
}

const site = new URL('../', import.meta.url);
const packages = new URL('../../packages/', site);
const cache = new URL('node_modules/.cache/api/', site);
const path = (url: URL) => fileURLToPath(url);
const json = <T>(url: URL) => JSON.parse(readFileSync(url, 'utf8')) as T;

interface PackageJson {
  exports: Record<string, { '@dl/source'?: string } | string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const options = {
  plugin: ['typedoc-plugin-markdown', path(new URL('site/api-typedoc.ts', site))],
  readme: 'none',
  router: 'member',
  // A page for each class and each entry: a page for each symbol is four times as many to build in two languages.
  membersWithOwnFile: ['Class'],
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  disableSources: true,
  skipErrorChecking: true, // the task `typecheck` does that
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias'],
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
};

/** The packages, those that others use before those that use them. */
function inOrder(): readonly PublicPackage[] {
  const done: PublicPackage[] = [];
  const visit = (it: PublicPackage): void => {
    if (done.includes(it)) return;
    for (const used of uses(it)) visit(used);
    done.push(it);
  };
  publicPackages.forEach(visit);
  return done;
}

function uses({ id }: PublicPackage): readonly PublicPackage[] {
  const { dependencies, peerDependencies } = json<PackageJson>(new URL(`${id}/package.json`, packages));
  return publicPackages.filter(({ name }) => name in { ...dependencies, ...peerDependencies });
}

const digests = new Map<string, string>();

/** Changes when the pages of the package would. */
function digestOf(it: PublicPackage, version: string): string {
  const cwd = path(new URL(`${it.id}/`, packages));
  const hash = createHash('sha256').update(JSON.stringify([options, version, it]));
  for (const used of uses(it)) hash.update(digests.get(used.id) ?? '');
  for (const file of ['api.ts', 'api-typedoc.ts']) hash.update(readFileSync(new URL(`site/${file}`, site)));
  hash.update(readFileSync(`${cwd}package.json`));
  for (const file of globSync('src/**/*.ts', { cwd }).sort()) {
    if (!/\.(test|test-d|generated)\.ts$/.test(file)) hash.update(file).update(readFileSync(cwd + file));
  }
  return hash.digest('hex');
}

/** Where the pages of a package are read, seen from the pages that are made now. */
function baseOf({ id, version }: PublicPackage): string {
  const released = freezing.get(id);
  if (released !== undefined) return `/api/${id}/${released}/`;
  return values.freeze && frozenVersions(id).includes(version) ? `/api/${id}/${version}/` : `/api/${id}/`;
}

function reference(it: PublicPackage): void {
  const { id, name, description } = it;
  const out = new URL(`api/${id}/`, site);
  const stamp = new URL(`${id}.json`, cache);
  const version = freezing.get(id) ?? it.version;
  const base = baseOf(it);
  const digest = digestOf(it, version + base);
  digests.set(id, digest);
  if (existsSync(new URL('index.md', out)) && existsSync(stamp) && json<{ digest: string }>(stamp).digest === digest)
    return;

  const { exports } = json<PackageJson>(new URL(`${id}/package.json`, packages));
  const entries = Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string' || target['@dl/source'] === undefined ? [] : [{ entry, source: target['@dl/source'] }],
  );
  const linksOut = path(new URL(`${id}.links.json`, cache));
  const run: ApiRun = {
    id,
    name,
    version,
    description,
    entries: entries.map(({ entry }) => name + entry.slice(1)),
    links: Object.fromEntries(
      uses(it).flatMap((used) => Object.entries(json<ApiRun['links']>(new URL(`${used.id}.links.json`, cache)))),
    ),
    base,
    linksOut,
  };
  mkdirSync(cache, { recursive: true });
  rmSync(stamp, { force: true });
  rmSync(out, { recursive: true, force: true });
  const runFile = path(new URL(`${id}.run.json`, cache));
  const optionsFile = path(new URL(`${id}.typedoc.json`, cache));
  writeFileSync(runFile, JSON.stringify(run));
  const own = {
    ...options,
    name,
    entryPoints: entries.map(({ source }) => path(new URL(`${id}/${source}`, packages))),
    tsconfig: path(new URL(`${id}/tsconfig.json`, packages)),
    out: path(out),
  };
  writeFileSync(optionsFile, JSON.stringify(own));
  const typedoc = path(new URL('node_modules/typedoc/bin/typedoc', site));
  const { status } = spawnSync(process.execPath, [typedoc, '--options', optionsFile], {
    cwd: path(site),
    stdio: 'inherit',
    env: { ...process.env, DL_API_RUN: runFile },
  });
  if (status !== 0) {
    rmSync(out, { recursive: true, force: true });
    throw new Error(`The API reference of ${name} was not made: TypeDoc says above why`);
  }
  writeFileSync(stamp, JSON.stringify({ digest }));
  console.log(`${name}: ${globSync('**/*.md', { cwd: path(out) }).length} pages in api/${id}`);
}

inOrder().forEach(reference);
