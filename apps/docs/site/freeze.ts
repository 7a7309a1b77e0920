import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Freezes the API reference of a package at a release: `npm run version:freeze -- core 0.2.0`. Packages that it uses come
// first when several are released together: its links then lead to their frozen pages.

const [id, version] = process.argv.slice(2);
if (id === undefined || version === undefined) throw new Error('usage: node site/freeze.ts ID VERSION');

const cwd = fileURLToPath(new URL('../', import.meta.url));
function run(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
}

run('site/api.ts', '--freeze', id, version);
run('node_modules/@docusaurus/core/bin/docusaurus.mjs', `docs:version:${id}`, version);
run('site/api.ts');
