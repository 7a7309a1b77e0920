import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './checks.mjs';

const home = join(import.meta.dirname, '..', '..');

/** The folders of packages that are published, and what their package.json says. */
export async function publicPackages(root = home) {
  const packages = [];
  for (const folder of (await readdir(join(root, 'packages'))).sort()) {
    const manifest = JSON.parse(await readFile(join(root, 'packages', folder, 'package.json'), 'utf8'));
    if (!manifest.private) packages.push({ folder, manifest });
  }
  return packages;
}

/** Packs packages, built before, and gives the paths of their tarballs by folder. */
export async function packed(into, folders, root = home) {
  const pack = async (folder) => {
    const tarball = join(into, `${folder}.tgz`);
    await run(join(root, 'node_modules', '.bin', 'pnpm'), ['pack', '--out', tarball], {
      cwd: join(root, 'packages', folder),
    });
    return [folder, tarball];
  };
  return Object.fromEntries(await Promise.all(folders.map(pack)));
}
