import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Starts an empty registry on the loopback interface, which serves what is published to it and asks no other, hands its
 * address to `use`, and stops it. Everything of it lies in `folder`.
 */
export async function withRegistry(folder, use) {
  await mkdir(folder);
  // Asked for by verdaccio as node-fetch@cjs, a tag that not every registry resolves.
  const overrides = { 'node-fetch': '2.7.0' };
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { verdaccio: '6.7.4' }, overrides }),
  );
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder, seconds: 240 });
  const config = {
    storage: './storage',
    auth: { htpasswd: { file: './htpasswd' } },
    uplinks: {},
    packages: { '@dl/*': { access: '$all', publish: '$all' }, '**': { access: '$all', publish: '$authenticated' } },
    max_body_size: '100mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'json', level: 'error' },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config)); // JSON is YAML

  const port = await freePort();
  const address = `http://127.0.0.1:${port}/`;
  const server = spawn(
    process.execPath,
    [
      ...[join(folder, 'node_modules', 'verdaccio', 'bin', 'verdaccio'), '--config', join(folder, 'config.yaml')],
      ...['--listen', `127.0.0.1:${port}`],
    ],
    { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = new Promise((resolve) => server.on('exit', resolve));
  try {
    await answering(`${address}-/ping`, server);
    return await use(address);
  } finally {
    server.kill();
    await ended;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function answering(url, server) {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`the registry ended with ${server.exitCode}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the registry did not answer within 30 s');
}
