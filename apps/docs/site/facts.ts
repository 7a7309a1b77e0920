import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoadContext, Plugin } from '@docusaurus/types';
import caniuse from 'caniuse-lite';
import type { Facts, MeasuredSizes, MeasuredSpeed, PackageFacts } from '../src/facts/facts.ts';
import { publicPackages } from './packages.ts';

const site = new URL('../', import.meta.url);
const root = new URL('../../', site);

interface PackageJson {
  engines: { node: string };
  exports: Record<string, { import?: { types?: string }; require?: { types?: string } } | string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  bin?: Record<string, string>;
}

const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const dataOf = <T>(name: string): T | undefined =>
  existsSync(new URL(`data/${name}`, site)) ? (JSON.parse(text(`apps/docs/data/${name}`)) as T) : undefined;

/**
 * What pages say of the packages, read from the packages: entries, engines, kernels; and what was measured, from the files
 * that the measuring programs wrote into `data/`. Nothing of it is typed into a page.
 */
export default function facts({ i18n, siteDir }: LoadContext): Plugin {
  return {
    name: 'facts',
    getPathsToWatch: () => [fileURLToPath(new URL('data/*.json', site))],
    async contentLoaded({ actions }) {
      const { currentLocale, defaultLocale } = i18n;
      const pages =
        currentLocale === defaultLocale ? 'docs' : `i18n/${currentLocale}/docusaurus-plugin-content-docs/current`;
      const found: Facts = {
        packages: publicPackages.map(({ id, name, version, description }) => ({
          id,
          name,
          version,
          description,
          ...factsOf(id),
        })),
        ops: opsOf(),
        browsers: { simd: firstWith('wasm-simd'), relaxed: firstWith('wasm-relaxed-simd') },
        bundlers: bundlers(),
        chapters: chaptersIn(`${siteDir}/${pages}/course/`),
        sizes: dataOf<MeasuredSizes>('sizes.json') ?? null,
        speed: dataOf<MeasuredSpeed>('bench.json') ?? null,
      };
      await actions.createData('facts.json', JSON.stringify(found));
    },
  };
}

function factsOf(id: string): Omit<PackageFacts, 'id' | 'name' | 'version' | 'description'> {
  const json = JSON.parse(text(`packages/${id}/package.json`)) as PackageJson;
  const entries = Object.entries(json.exports).flatMap(([entry, target]) =>
    typeof target === 'string' || target.import === undefined
      ? []
      : [
          {
            entry: entry.slice(1),
            esm: true,
            cjs: target.require !== undefined,
            types: target.import.types !== undefined,
          },
        ],
  );
  const sources = globSync('**/*.ts', { cwd: fileURLToPath(new URL(`packages/${id}/kernels/`, root)) });
  return {
    node: json.engines.node,
    entries,
    kernels: sources.length > 0,
    needs: Object.keys({ ...json.dependencies, ...json.peerDependencies }).sort(),
    commands: Object.keys(json.bin ?? {}),
  };
}

/** Operations of core, from the table that its tests keep true. */
function opsOf(): Facts['ops'] {
  const rows = text('packages/core/docs/kernels.md')
    .split('## ')
    .find((it) => it.startsWith('Ops'))
    ?.split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const withKernel = (column: number) => rows?.filter((cells) => cells[column] === 'SIMD kernel').length ?? 0;
  return { all: rows?.length ?? 0, forward: withKernel(2), gradient: withKernel(3) };
}

const browsers = {
  chrome: 'Chrome',
  edge: 'Edge',
  firefox: 'Firefox',
  safari: 'Safari',
  ios_saf: 'Safari (iOS)',
} as const;

/** The first version of each browser from which on all have the feature. */
function firstWith(name: string): Record<string, string | null> {
  const packed = caniuse.features[name];
  if (packed === undefined) throw new Error(`caniuse-lite has no feature ${name}`);
  const { stats } = caniuse.feature(packed);
  return Object.fromEntries(
    Object.entries(browsers).map(([id, label]) => {
      const versions = Object.entries(stats[id] ?? {})
        .filter(([version]) => /^[\d.]+(-[\d.]+)?$/.test(version))
        .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
      const lacking = versions.map(([, support]) => support.startsWith('y')).lastIndexOf(false);
      return [label, versions[lacking + 1]?.[0].split('-')[0] ?? null];
    }),
  );
}

/** Versions of the bundlers whose bundles the packed-tarball tests run in Chromium. */
function bundlers(): Record<string, string> {
  const list = /const bundlers = \{([^}]*)\}/.exec(text('tests/packages/run.mjs'))?.[1] ?? '';
  return Object.fromEntries(
    [...list.matchAll(/'?([\w-]+)'?: '([\d.]+)'/g)]
      .map((it) => [it[1], it[2]] as const)
      .filter(([name]) => !name?.endsWith('-cli')),
  ) as Record<string, string>;
}

function chaptersIn(folder: string): Facts['chapters'] {
  return globSync('*.mdx', { cwd: folder })
    .sort()
    .map((file) => {
      const head = /^---\n([\s\S]*?)\n---/.exec(readFileSync(folder + file, 'utf8'))?.[1] ?? '';
      const field = (name: string) =>
        new RegExp(`^${name}: *(.*)$`, 'm').exec(head)?.[1]?.replace(/^(['"])(.*)\1$/, '$2') ?? '';
      const url = `/course/${file.replace(/^\d+-/, '').replace(/\.mdx$/, '')}/`;
      return { url, title: field('title'), description: field('description') };
    });
}
