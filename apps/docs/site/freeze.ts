import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Freezes the API references of packages at a release: `npm run version:freeze -- core 0.2.0 cnn 0.3.0`. What is released
// together is frozen together: each links to the frozen pages of the others.

const released = process.argv.slice(2);
if (released.length === 0 || released.length % 2 > 0)
  throw new Error('usage: node site/freeze.ts ID VERSION [ID VERSION...]');

const cwd = fileURLToPath(new URL('../', import.meta.url));
function run(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
}

run('site/api.ts', '--freeze', ...released);
for (let i = 0; i < released.length; i += 2) {
  run('node_modules/@docusaurus/core/bin/docusaurus.mjs', `docs:version:${released[i]}`, released[i + 1]!);
}
run('site/api.ts');
