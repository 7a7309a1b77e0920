// The packages as users install them: packs every public package, installs the tarballs into empty folders, and trains
// from Node, bundlers, pages and workers, with nothing configured. Tests that run on the sources cannot see what is
// missing from a tarball, resolved to another file, or dropped by a bundler.
//
//   node tests/packages/run.mjs                              the tarballs
//   node tests/packages/run.mjs --registry URL --only node   what a registry serves, tried in Node
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { packed, publicPackages, root } from '../../release/packages.mjs';
import { run } from '../../release/run.mjs';
import { check, finish } from './checks.mjs';
import { outcomeOf, withChromium } from './chromium.mjs';

const consumers = join(import.meta.dirname, 'consumers');
const bin = join(root, 'node_modules', '.bin');
const bundlers = { vite: '8.3.8', webpack: '5.112.2', 'webpack-cli': '7.3.1', esbuild: '0.28.2' };

const { registry, only } = parseArgs({
  options: { registry: { type: 'string' }, only: { type: 'string' } },
}).values;

setTimeout(() => {
  console.error('the packed-tarball tests took longer than 8 minutes');
  process.exit(1);
}, 480_000).unref();

const work = await mkdtemp(join(tmpdir(), 'dl-packages-'));
try {
  const packages = await pack();
  for (const { name, tarball } of packages) {
    await check(`${name}: publint`, async () => void (await run(join(bin, 'publint'), ['run', tarball, '--strict'])));
    await check(`${name}: types resolve`, async () => void (await run(join(bin, 'attw'), [tarball, '--quiet'])));
  }
  for (const [name, part] of Object.entries({ node: inNode, bundles: inBundles, alone })) {
    if (only === undefined || only === name) await part(packages);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
finish();

/** The tarball of every package that is not private, packed here or fetched from the registry. */
async function pack() {
  const packages = await publicPackages();
  if (registry !== undefined) {
    for (const { folder, manifest } of packages) {
      const [spec, into] = [`${manifest.name}@${manifest.version}`, join(work, 'fetched', folder)];
      await mkdir(into, { recursive: true });
      await run('npm', ['pack', spec, '--registry', registry, '--pack-destination', into]);
      await rename(join(into, (await readdir(into))[0]), join(work, `${folder}.tgz`));
    }
  } else {
    await packed(
      work,
      packages.map(({ folder }) => folder),
    );
  }
  return packages.map(({ folder, manifest: { name, version } }) => {
    const tarball = join(work, `${folder}.tgz`);
    return { name, folder, tarball, spec: registry === undefined ? `file:${tarball}` : `npm:${name}@${version}` };
  });
}

/** An empty project with packages installed, ours and others; overrides are for what those depend on. */
async function project(name, dependencies, overrides = {}) {
  const folder = join(work, name);
  await mkdir(folder);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name, private: true, dependencies, ...(registry === undefined && { overrides }) }, null, 2),
  );
  if (registry !== undefined) await writeFile(join(folder, '.npmrc'), `@dl:registry=${registry}\n`);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder, seconds: 240 });
  return folder;
}

/** Puts a source file of ours into a project as JavaScript; packages stay imports. */
async function bundleLocal(source, outfile, format) {
  await build({
    ...source,
    outfile,
    format,
    bundle: true,
    packages: 'external',
    platform: 'neutral',
    logLevel: 'error',
  });
}

async function inNode(packages) {
  let folder;
  await check('npm install', async () => {
    const ours = packages.map(({ name, spec }) => [name, spec]);
    const core = packages.find(({ name }) => name === '@dl/core').spec;
    folder = await project('node', { ...Object.fromEntries(ours), 'another-dl-core': core });
    await bundleLocal(await trainer(), join(folder, 'train.mjs'), 'esm');
    await bundleLocal(await trainer(), join(folder, 'train.cjs'), 'cjs');
    await cp(join(import.meta.dirname, 'node'), folder, { recursive: true });
  });
  if (folder === undefined) return;

  await check('types compile in a project of each kind', async () => {
    for (const file of await readdir(consumers)) await cp(join(consumers, file), join(folder, file));
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const sources = (await readdir(consumers)).map((file) => join(folder, file));
      const options = [
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--module',
        module,
        '--moduleResolution',
        resolution,
      ];
      await run(join(bin, 'tsc'), [...options, '--skipLibCheck', ...sources], { cwd: folder });
    }
  });

  const scripts = (await readdir(join(import.meta.dirname, 'node'))).sort();
  for (const node of await nodes()) {
    for (const script of scripts) {
      await check(`Node ${node.version}: ${script.replace(/\.\w+$/, '').replaceAll('-', ' ')}`, () =>
        run(node.path, [join(folder, script)], { cwd: folder }).then((out) => out.trim()),
      );
    }
  }
}

/** The Node of this run, and the one of the system where it is another. */
async function nodes() {
  const found = new Map([[process.version, process.execPath]]);
  for (const folder of process.env.PATH.split(delimiter).filter((path) => !path.includes('node_modules'))) {
    const path = join(folder, 'node');
    const version = await run(path, ['--version']).then(
      (out) => out.trim(),
      () => undefined,
    );
    if (version !== undefined && !found.has(version)) found.set(version, path);
  }
  return [...found].map(([version, path]) => ({ version, path }));
}

/** One module that trains with every package that has a file in consumers/. */
async function trainer() {
  const names = (await readdir(consumers)).map((file) => file.replace(/\.ts$/, ''));
  const contents = `
    ${names.map((name, i) => `import train${i} from './${name}';`).join('\n')}
    const consumers = { ${names.map((name, i) => `'${name}': train${i}`).join(', ')} };
    export async function trainAll() {
      const lines = [];
      for (const [name, train] of Object.entries(consumers)) {
        const { before, after } = await train();
        if (!(after < before)) throw new Error(name + ': the loss went from ' + before + ' to ' + after);
        lines.push(name + ' ' + before.toFixed(3) + ' -> ' + after.toFixed(3));
      }
      return lines.join(', ');
    }`;
  return { stdin: { contents, resolveDir: consumers, loader: 'ts' } };
}

async function inBundles(packages) {
  let folder;
  await check('npm install beside vite, webpack and esbuild', async () => {
    const ours = packages.map(({ name, spec }) => [name, spec]);
    folder = await project('bundled', { ...Object.fromEntries(ours), ...bundlers });
    await cp(join(import.meta.dirname, 'page'), folder, { recursive: true });
    await bundleLocal(await trainer(), join(folder, 'src', 'train.js'), 'esm');
  });
  if (folder === undefined) return;
  const tool = (name, ...args) => run(join(folder, 'node_modules', '.bin', name), args, { cwd: folder });
  const page = (name) => join(folder, name);

  await check('vite build', async () => void (await tool('vite', 'build', '--outDir', 'out-vite')));
  await check('webpack build', async () => {
    await tool('webpack', '--mode', 'production', '--output-path', 'out-webpack');
    await writeFile(join(page('out-webpack'), 'index.html'), '<script defer src="main.js"></script>');
  });
  await check('esbuild build', async () => {
    const options = ['--bundle', '--minify', '--format=esm', '--outdir=out-esbuild'];
    await tool('esbuild', 'src/index.js', 'src/worker.js', ...options);
    await writeFile(join(page('out-esbuild'), 'index.html'), '<script type="module" src="index.js"></script>');
  });
  await check('esbuild build for Node', async () => {
    await tool('esbuild', 'src/node.js', '--bundle', '--minify', '--platform=node', '--outfile=out-node/main.js');
    // Away from node_modules: nothing but the bundle may be needed.
    await cp(page('out-node'), join(work, 'alone'), { recursive: true });
    return (await run(process.execPath, [join(work, 'alone', 'main.js')])).trim();
  });

  await check('Chromium', () =>
    withChromium(async (browser) => {
      for (const bundler of ['vite', 'webpack', 'esbuild']) {
        for (const [where, path, isolated] of [
          ['page', '/', false],
          ['worker', '/#worker', false],
          ['cross-origin isolated page', '/', true],
        ]) {
          await check(`Chromium: ${bundler} build, ${where}`, () =>
            outcomeOf(browser, page(`out-${bundler}`), { path, isolated }).then(({ losses }) => losses),
          );
        }
      }
      return browser.browser()?.version();
    }),
  );
}

/** Layer packages as the only thing installed: trained in Node and in a page that Vite built, which loads what Node saved. */
async function alone(packages) {
  const folders = join(import.meta.dirname, 'alone');
  for (const name of (await readdir(folders)).sort()) {
    const { name: installed, spec } = packages.find(({ folder }) => folder === name);
    let folder;
    await check(`npm install of ${installed} alone`, async () => {
      const others = packages.filter((other) => other.name !== installed);
      const overrides = Object.fromEntries(others.map((other) => [other.name, other.spec]));
      const dependencies = { [installed]: spec, vite: bundlers.vite };
      folder = await project(`alone-${name}`, dependencies, overrides);
      await cp(join(folders, name), folder, { recursive: true });
    });
    if (folder === undefined) continue;
    await check(`${installed} alone: Node`, async () =>
      (await run(process.execPath, [join(folder, 'node.mjs')], { cwd: folder })).trim(),
    );
    await check(`${installed} alone: Vite page`, async () => {
      await run(join(folder, 'node_modules', '.bin', 'vite'), ['build'], { cwd: folder });
      return withChromium(async (browser) => (await outcomeOf(browser, join(folder, 'dist'))).losses);
    });
  }
}
