// Turns the changesets into versions and changelogs, and freezes the API reference of every package that got a version.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicPackages, root } from './packages.mjs';
import { run } from './run.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const versions = async () => new Map((await publicPackages()).map(({ manifest }) => [manifest.name, manifest.version]));

const before = await versions();
await run(bin('changeset'), ['version'], { cwd: root });
await run(bin('biome'), ['check', '--write', 'packages'], { cwd: root }); // package.json as the formatter wants it
const site = JSON.parse(await readFile(join(root, 'apps', 'docs', 'package.json'), 'utf8').catch(() => '{}'));

let count = 0;
for (const { folder, manifest } of await publicPackages()) {
  const { name, version } = manifest;
  if (before.get(name) === version) continue;
  count++;
  console.log(`${name} ${before.get(name)} -> ${version}`);
  const documented = Object.values(manifest.exports).some((target) => target['@dl/source'] !== undefined);
  if (!documented || site.scripts?.['version:freeze'] === undefined) continue;
  await run(bin('pnpm'), ['--filter', site.name, 'version:freeze', folder, version], { cwd: root, seconds: 300 });
  console.log(`${name}: API reference of ${version} frozen`);
}
if (count === 0) console.log('no changesets, no versions');
