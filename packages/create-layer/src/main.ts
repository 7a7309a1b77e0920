#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createLayer } from './create-layer';

const usage = `npm create @dl/layer NAME "WHAT IT IS, IN ONE LINE"

Makes a package of a layer with SIMD kernels, which builds, trains and passes its contract.
Within the repository of @dl: pnpm new:layer NAME "WHAT IT IS, IN ONE LINE"`;

const home = join(import.meta.dirname, '..');

interface Manifest {
  version: string;
  peerDependencies: Record<string, string>;
}

/** What this package was released with; within the repository, what its neighbours are. */
function ranges(): Record<string, string> {
  const read = (...path: string[]) => JSON.parse(readFileSync(join(home, ...path, 'package.json'), 'utf8')) as Manifest;
  return Object.fromEntries(
    Object.entries(read().peerDependencies).map(([name, range]) => {
      if (!range.startsWith('workspace:')) return [name, range];
      return [name, `^${read('..', name.replace('@dl/', '')).version}`];
    }),
  );
}

const [name, line, ...others] = process.argv.slice(2);
if (name === undefined || line === undefined || others.length > 0 || name.startsWith('-')) {
  console.error(usage);
  process.exit(name === '--help' || name === '-h' ? 0 : 2);
}

try {
  const cwd = process.cwd();
  const { names, folder, repository, files } = createLayer({
    name,
    line,
    cwd,
    templates: join(home, 'template'),
    ranges: ranges(),
  });
  for (const file of files) console.log(relative(cwd, file));
  if (repository !== undefined) {
    const pnpm = (...args: string[]) =>
      execFileSync('pnpm', args, {
        cwd: repository,
        stdio: ['ignore', 'ignore', 'inherit'],
        shell: process.platform === 'win32',
      });
    pnpm('install', '--offline', '--no-frozen-lockfile');
    pnpm('--filter', names.package, 'run', 'kernels');
    console.log(
      `\n${names.package} is ready:\n  vitest run packages/${names.folder}\n  pnpm --filter ${names.package} build`,
    );
  } else {
    console.log(`\n${names.package} is ready:\n  cd ${relative(cwd, folder)}\n  npm install\n  npm test`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
