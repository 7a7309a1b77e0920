// A release from beginning to end that leaves nothing behind: versions, changelogs and frozen references in a copy of the
// repository, packages published to a registry of this machine, installed from there, and trained.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, finish } from '../tests/packages/checks.mjs';
import { copyOfRepository } from '../tests/packages/repository-copy.mjs';
import { publicPackages } from './packages.mjs';
import { withRegistry } from './registry.mjs';
import { run } from './run.mjs';

setTimeout(() => {
  console.error('the dry release took longer than 9 minutes');
  process.exit(1);
}, 540_000).unref();

const work = await mkdtemp(join(tmpdir(), 'dl-release-'));
const copy = join(work, 'repository');
const npmrc = (registry) => `@dl:registry=${registry}\n`;
try {
  await check('a copy of the repository', async () => {
    await copyOfRepository(copy, { built: true });
    await committed('before the release');
  });
  const before = await versions();
  await check('versions, changelogs and frozen references', async () => {
    console.log((await node('release/version.mjs')).replace(/^/gm, '      ').trimEnd());
    for (const { folder, manifest } of await publicPackages(copy)) {
      const changelog = join(copy, 'packages', folder, 'CHANGELOG.md');
      if (manifest.version === '0.0.0') throw new Error(`${manifest.name} has no changeset`);
      if (before.get(manifest.name) === manifest.version) continue;
      const text = existsSync(changelog) ? await readFile(changelog, 'utf8') : '';
      if (!text.includes(`## ${manifest.version}`)) throw new Error(`${manifest.name}: nothing in its changelog`);
    }
    await committed('the release');
  });
  await check('tags', async () => {
    await run(join(copy, 'node_modules', '.bin', 'changeset'), ['tag'], { cwd: copy });
    const tags = (await git('tag', '--list')).trim().split('\n').sort();
    const wanted = [...(await versions())].map(([name, version]) => `${name}@${version}`).sort();
    if (tags.join() !== wanted.join()) throw new Error(`tagged are ${tags.join(', ')}, not ${wanted.join(', ')}`);
    return `${tags.length}`;
  });
  await check('a registry on 127.0.0.1', () => withRegistry(join(work, 'registry'), through));
} finally {
  await rm(work, { recursive: true, force: true });
}
finish();

/** Publishes to a registry, and uses what it serves. */
async function through(registry) {
  // npm publishes only with a token at hand; the registry takes what comes.
  await writeFile(join(copy, '.npmrc'), `${npmrc(registry)}${registry.replace('http:', '')}:_authToken=anybody\n`);
  const count = (await publicPackages(copy)).length;
  await check('publish', async () => {
    const out = await node('release/publish.mjs', '--registry', registry);
    if (out.match(/^published /gm)?.length !== count) throw new Error(out);
    return `${count} packages`;
  });
  await check('published once more: nothing to do', async () => {
    const out = await node('release/publish.mjs', '--registry', registry);
    if (out.match(/ is published$/gm)?.length !== count) throw new Error(out);
  });
  await check('what it serves, tried as its users do', async () => {
    const out = await node('tests/packages/run.mjs', '--registry', registry, '--only', 'node');
    console.log(out.trimEnd().split('\n').slice(0, -1).join('\n').replace(/^/gm, '      '));
    return out.trimEnd().split('\n').at(-1);
  });
  await check('npm create @dl/layer', async () => {
    const folder = join(work, 'created');
    await mkdir(folder);
    await writeFile(join(folder, '.npmrc'), npmrc(registry));
    await run('npm', ['create', '--yes', '@dl/layer', 'gated-sum', 'A sum under a learnt gate'], { cwd: folder });
    const made = join(folder, 'gated-sum');
    await writeFile(join(made, '.npmrc'), npmrc(registry));
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: made, seconds: 240 });
    await run('npm', ['run', 'build'], { cwd: made });
    const installed = JSON.parse(await readFile(join(made, 'node_modules', '@dl', 'core', 'package.json'), 'utf8'));
    if (installed.version !== (await versions()).get('@dl/core')) throw new Error(`@dl/core ${installed.version}`);
    return `on @dl/core ${installed.version}`;
  });
}

function node(...args) {
  return run(process.execPath, args, { cwd: copy, seconds: 480 });
}

function git(...args) {
  return run('git', ['-c', 'user.name=release', '-c', 'user.email=release@localhost', ...args], { cwd: copy });
}

async function committed(message) {
  if (!existsSync(join(copy, '.git'))) await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '--message', message);
}

async function versions() {
  return new Map((await publicPackages(copy)).map(({ manifest }) => [manifest.name, manifest.version]));
}
