import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PluginOptions } from '@docusaurus/plugin-content-docs';
import type { PluginConfig } from '@docusaurus/types';

/** A package that is published and imported: what its folder is called and what its package.json says. */
export interface PublicPackage {
  /** Folder below `packages/`, and the id of its API docs. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly navbarItem: { readonly label: string; readonly to: string };
}

const folder = fileURLToPath(new URL('../../../packages/', import.meta.url));
// Core first, then by name.
const order = (id: string) => (id === 'core' ? '' : id);

/** Every package that is not private and has entries: a new one gets its API docs, versions and sizes by being there. */
export const publicPackages: readonly PublicPackage[] = readdirSync(folder)
  .filter((id) => existsSync(`${folder}${id}/package.json`))
  .map((id) => ({ id, json: JSON.parse(readFileSync(`${folder}${id}/package.json`, 'utf8')) as PackageJson }))
  .filter(({ json }) => json.private !== true && Object.values(json.exports).some((it) => typeof it === 'object'))
  .sort((a, b) => order(a.id).localeCompare(order(b.id)))
  .map(({ id, json }) => ({
    id,
    name: json.name,
    version: json.version,
    description: json.description,
    navbarItem: { label: json.name, to: latest(id) },
  }));

/** Where one reads the newest version that is released. */
function latest(id: string): string {
  const [newest] = frozenVersions(id);
  return newest === undefined ? `/api/${id}/` : `/api/${id}/${newest}/`;
}

interface PackageJson {
  name: string;
  version: string;
  description: string;
  private?: boolean;
  exports: Record<string, object | string>;
}

/** Versions of a package whose API docs are frozen, newest first. */
export function frozenVersions(id: string): readonly string[] {
  const list = new URL(`../${id}_versions.json`, import.meta.url);
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as string[]) : [];
}

type SidebarItemsGenerator = PluginOptions['sidebarItemsGenerator'];
type SidebarItems = Awaited<ReturnType<SidebarItemsGenerator>>;

const named = (items: SidebarItems, path: string): SidebarItems =>
  items.map((item) => {
    if (item.type !== 'category') return item;
    const key = `${path}/${item.label}`;
    return { ...item, key, items: named(item.items, key) };
  });

/** The sidebar of a reference. Its categories repeat (`classes` of each entry), so each is named by its path. */
const sidebarItemsGenerator: SidebarItemsGenerator = async ({ defaultSidebarItemsGenerator, ...args }) =>
  named(await defaultSidebarItemsGenerator(args), '');

/**
 * The docs instance of one package: its own versions, frozen when the package is released. What is being developed is read
 * at `/api/ID/` and version V at `/api/ID/V/`, for good: links between packages and from the course never move.
 */
export function apiDocs({ id, name, version }: PublicPackage, content: object): PluginConfig {
  const frozen = frozenVersions(id);
  return [
    '@docusaurus/plugin-content-docs',
    {
      id,
      path: `api/${id}`,
      routeBasePath: `api/${id}`,
      sidebarPath: './sidebars-api.ts',
      sidebarItemsGenerator,
      ...content,
      lastVersion: 'current',
      versions: {
        current: {
          label: frozen.length > 0 ? `${name} next` : `${name} ${version}`,
          banner: frozen.length > 0 ? 'unreleased' : 'none',
          badge: true,
        },
        ...Object.fromEntries(
          frozen.map((it, age) => [
            it,
            { label: `${name} ${it}`, path: it, banner: age === 0 ? 'none' : 'unmaintained', badge: true },
          ]),
        ),
      },
    },
  ];
}

/** Version switches of all packages; the site shows the one of the package that is being read. */
export const apiVersions = publicPackages.map(({ id }) => ({
  type: 'docsVersionDropdown' as const,
  docsPluginId: id,
  position: 'left' as const,
}));
