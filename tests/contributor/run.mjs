// What someone does who adds a layer package this afternoon: one command in a copy of the repository, then everything
// that the repository asks of a package; and once more outside of it, from the packed tarballs. Prints the time from the
// command to green.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packed, root } from '../../release/packages.mjs';
import { run } from '../../release/run.mjs';
import { check, finish } from '../packages/checks.mjs';
import { copyOfRepository, filesOf } from '../packages/repository-copy.mjs';

const bin = join(root, 'node_modules', '.bin');
const [name, line] = ['gated-sum', 'A sum under a learnt gate'];

process.env.NO_COLOR = '1'; // what the tools print is read
setTimeout(() => {
  console.error('the contributor test took longer than 6 minutes');
  process.exit(1);
}, 360_000).unref();

const work = await mkdtemp(join(tmpdir(), 'dl-contributor-'));
try {
  await within();
  await outside();
} finally {
  await rm(work, { recursive: true, force: true });
}
finish();

/** Prints how long a part takes. */
async function timed(what, part) {
  const start = performance.now();
  await part();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s from the command to green`);
}

async function within() {
  const copy = join(work, 'repository');
  const tool = (command, ...args) => run(join(copy, 'node_modules', '.bin', command), args, { cwd: copy });
  await check('a copy of the repository', () => copyOfRepository(copy, { built: true }));

  const before = await filesOf(copy);
  const folder = join(copy, 'packages', name);
  let made = [];
  await timed('in the repository', async () => {
    await check(`pnpm new:layer ${name}`, async () => {
      await tool('pnpm', 'new:layer', name, line);
      const after = await filesOf(copy);
      made = [...after.keys()].filter((path) => !before.has(path));
      const changed = [...before.keys()].filter((path) => after.get(path) !== before.get(path));
      if (changed.join() !== 'pnpm-lock.yaml') throw new Error(`files were edited by hand: ${changed.join(', ')}`);
      return `${made.length} files`;
    });
    await Promise.all([
      check('its tests', () => tool('vitest', 'run', `packages/${name}`).then(testsIn)),
      check('its build', async () => {
        await tool('pnpm', '--filter', `@dl/${name}`, 'build');
        // What readers find on the site, in plain Node, from what was built.
        const examples = join(copy, 'apps', 'docs', 'examples', name);
        for (const file of await readdir(examples)) {
          await cp(join(examples, file), join(folder, file));
          const losses = (await run(process.execPath, [join(folder, file)])).match(/loss [\d.]+/g);
          await rm(join(folder, file));
          if (!(number(losses.at(-1)) < number(losses[0]) / 2))
            throw new Error(`it does not train: ${losses.join(', ')}`);
          return `${file}: ${losses[0]} -> ${losses.at(-1)}`;
        }
      }),
    ]);
    await Promise.all([
      check('its types', () => run(join(copy, 'node_modules', '.bin', 'tsc'), [], { cwd: folder }).then(nothing)),
      check('lint', async () => {
        await tool('biome', 'check', ...made.filter((path) => /\.(ts|json)$/.test(path)));
        await tool('eslint', `packages/${name}`);
        await tool('depcruise', '--config', '.dependency-cruiser.js', 'packages', 'apps');
      }),
    ]);
    await check('its examples in README and doc comments', () =>
      tool('vitest', 'run', 'tests/examples.test.ts', '-t', `packages/${name}/`).then(testsIn),
    );
    await check('its changeset', async () => {
      const changeset = await readFile(join(copy, '.changeset', `first-${name}.md`), 'utf8');
      if (!changeset.includes(`'@dl/${name}': minor`)) throw new Error(changeset);
    });
  });
  await check('deleted without a trace', async () => {
    await rm(folder, { recursive: true });
    for (const path of made) await rm(join(copy, path), { force: true });
    await tool('pnpm', 'install', '--offline', '--no-frozen-lockfile');
    const after = await filesOf(copy);
    const different = [...new Set([...before.keys(), ...after.keys()])].filter((p) => before.get(p) !== after.get(p));
    if (different.length > 0) throw new Error(`not as before: ${different.join(', ')}`);
  });
}

async function outside() {
  let tarballs;
  await check('the packages packed', async () => {
    tarballs = await packed(work, ['core', 'testing', 'create-layer']);
  });
  const home = join(work, 'home');
  await check('npm install of @dl/create-layer', async () => {
    await mkdir(home);
    await writeFile(join(home, 'package.json'), '{ "private": true }');
    await npm(home, 'install', tarballs['create-layer']);
  });

  await timed('outside of the repository', async () => {
    const folder = join(work, name);
    await check(`npm create @dl/layer ${name}`, () =>
      run(join(home, 'node_modules', '.bin', 'create-layer'), [name, line], { cwd: work, env: elsewhere() }).then(
        nothing,
      ),
    );
    await check('npm install', async () => {
      // No registry has them yet: what stands in package.json is a range, and has to take the versions packed here.
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      for (const [kind, dependency] of [
        ['dependencies', 'core'],
        ['devDependencies', 'testing'],
      ]) {
        const { version } = JSON.parse(await readFile(join(root, 'packages', dependency, 'package.json'), 'utf8'));
        const range = manifest[kind][`@dl/${dependency}`];
        if (range !== `^${version}`) throw new Error(`@dl/${dependency} ${version} is packed, ${range} is asked for`);
        manifest[kind][`@dl/${dependency}`] = `file:${tarballs[dependency]}`;
      }
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
      await npm(folder, 'install');
    });
    await check('npm test', () => npm(folder, 'test').then(testsIn));
    await check('its README in plain Node', async () => {
      const readme = await readFile(join(folder, 'README.md'), 'utf8');
      await writeFile(join(folder, 'readme.mjs'), /```ts\n(.*?)```/s.exec(readme)[1]);
      const losses = (await run(process.execPath, ['readme.mjs'], { cwd: folder }))
        .trim()
        .split('\n')
        .map((l) => l.split(' ')[1]);
      if (!(losses.at(-1) < losses[0] / 2)) throw new Error(`it does not train: ${losses.join(', ')}`);
      return `${losses[0]} -> ${losses.at(-1)}`;
    });
  });
}

function npm(cwd, ...args) {
  return run('npm', [...args, ...(args[0] === 'install' ? ['--no-audit', '--no-fund', '--prefer-offline'] : [])], {
    cwd,
    env: elsewhere(),
    seconds: 240,
  });
}

/** The environment of someone who has Node and npm, and nothing of this repository. */
function elsewhere() {
  const path = [dirname(process.execPath), ...process.env.PATH.split(delimiter)];
  return { PATH: path.filter((folder) => !folder.startsWith(bin)).join(delimiter) };
}

function number(text) {
  return Number(text.split(' ').at(-1));
}

function nothing() {}

/** `61 tests`, from what vitest prints. */
function testsIn(out) {
  const [, failed, count] = /Tests .*?(?:(\d+) failed.*?)?(\d+) passed/.exec(out) ?? [];
  if (count === undefined || failed !== undefined) throw new Error(`no tests were run:\n${out.slice(-2000)}`);
  return `${count} tests`;
}
