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

const released = (await publicPackages()).filter(({ manifest: { name, version } }) => before.get(name) !== version);
for (const { manifest } of released)
  console.log(`${manifest.name} ${before.get(manifest.name)} -> ${manifest.version}`);
if (released.length === 0) console.log('no changesets, no versions');

const documented = released.filter(({ manifest }) =>
  Object.values(manifest.exports).some((target) => target['@dl/source'] !== undefined),
);
if (documented.length > 0 && site.scripts?.['version:freeze'] !== undefined) {
  const pairs = documented.flatMap(({ folder, manifest }) => [folder, manifest.version]);
  await run(bin('pnpm'), ['--filter', site.name, 'version:freeze', ...pairs], { cwd: root, seconds: 420 });
  console.log(`API references frozen: ${documented.map(({ manifest }) => manifest.name).join(', ')}`);
}
