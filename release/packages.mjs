import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.mjs';

/** The root of the repository. */
export const root = join(import.meta.dirname, '..');

/** The folders of packages that are published and their package.json, those that others use before those that use them. */
export async function publicPackages(home = root) {
  const found = new Map();
  for (const folder of (await readdir(join(home, 'packages'))).sort()) {
    const manifest = JSON.parse(await readFile(join(home, 'packages', folder, 'package.json'), 'utf8'));
    if (!manifest.private) found.set(manifest.name, { folder, manifest });
  }
  const ordered = new Set();
  const add = (it) => {
    const { dependencies, peerDependencies } = it.manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) if (found.has(name)) add(found.get(name));
    ordered.add(it);
  };
  for (const it of found.values()) add(it);
  return [...ordered];
}

/** Packs packages, built before, and gives the paths of their tarballs by folder. */
export async function packed(into, folders, home = root) {
  const pack = async (folder) => {
    const tarball = join(into, `${folder}.tgz`);
    await run(join(root, 'node_modules', '.bin', 'pnpm'), ['pack', '--out', tarball], {
      cwd: join(home, 'packages', folder),
    });
    return [folder, tarball];
  };
  return Object.fromEntries(await Promise.all(folders.map(pack)));
}
