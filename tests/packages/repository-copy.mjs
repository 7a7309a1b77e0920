import { createHash } from 'node:crypto';
import { cp, glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../release/packages.mjs';
import { run } from '../../release/run.mjs';

/** The files of the repository, but what git ignores; those not added yet among them. */
async function ownFiles() {
  const out = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
    cwd: root,
  });
  const deleted = await run('git', ['ls-files', '-z', '--deleted'], { cwd: root });
  const gone = new Set(deleted.split('\0'));
  return out.split('\0').filter((path) => path !== '' && !gone.has(path));
}

/** Copies the repository and installs its dependencies without the network; `built` copies what was compiled, too. */
export async function copyOfRepository(folder, { built = false } = {}) {
  const paths = await ownFiles();
  if (built) {
    const ignored = ['packages/*/dist', 'packages/*/src/**/*.generated.ts', 'packages/*/template/**/*.generated.ts'];
    for await (const path of glob(ignored, { cwd: root })) paths.push(path);
  }
  for (const path of paths) await cp(join(root, path), join(folder, path), { recursive: true });
  await run(join(root, 'node_modules', '.bin', 'pnpm'), ['install', '--offline', '--frozen-lockfile'], { cwd: folder });
  return `${paths.length} files`;
}

/** The digest of every file below a folder by its path, but of what is installed or compiled. */
export async function filesOf(folder) {
  const digests = new Map();
  const exclude = (entry) => ['node_modules', 'dist', '.turbo', '.git'].includes(entry.name ?? entry);
  for await (const entry of glob('**/*', { cwd: folder, exclude, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.endsWith('.generated.ts')) {
      digests.set(
        path.slice(folder.length + 1),
        createHash('sha1')
          .update(await readFile(path))
          .digest('hex'),
      );
    }
  }
  return digests;
}
