import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PluginConfig } from '@docusaurus/types';

/** A package that is published: what its folder is called and what its package.json says. */
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

/** Every package that is not private: a new one gets its API docs, versions and sizes by being there. */
export const publicPackages: readonly PublicPackage[] = readdirSync(folder)
  .filter((id) => existsSync(`${folder}${id}/package.json`))
  .map((id) => ({ id, json: JSON.parse(readFileSync(`${folder}${id}/package.json`, 'utf8')) as PackageJson }))
  .filter(({ json }) => json.private !== true)
  .sort((a, b) => order(a.id).localeCompare(order(b.id)))
  .map(({ id, json }) => ({
    id,
    name: json.name,
    version: json.version,
    description: json.description,
    navbarItem: { label: json.name, to: `/api/${id}/` },
  }));

interface PackageJson {
  name: string;
  version: string;
  description: string;
  private?: boolean;
}

/** The docs instance of one package: its own versions, frozen when the package is released. */
export function apiDocs({ id }: PublicPackage, content: object): PluginConfig {
  const frozen = `${id}_versions.json`;
  const versions = existsSync(new URL(`../${frozen}`, import.meta.url));
  return [
    '@docusaurus/plugin-content-docs',
    {
      id,
      path: `api/${id}`,
      routeBasePath: `api/${id}`,
      sidebarPath: './sidebars-api.ts',
      ...content,
      versions: { current: { label: 'next', path: versions ? 'next' : '/', banner: versions ? 'unreleased' : 'none' } },
    },
  ];
}

/** Version switches of all packages; the site shows the one of the package that is being read. */
export const apiVersions = publicPackages.map(({ id }) => ({
  type: 'docsVersionDropdown' as const,
  docsPluginId: id,
  position: 'left' as const,
}));
