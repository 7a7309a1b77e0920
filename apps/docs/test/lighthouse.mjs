// Lighthouse on the built site, served on this machine as a host would serve it: compressed. Its two scores must be reached
// on the home page and on a chapter.
//
//   node test/lighthouse.mjs [FOLDER] [--mobile]     build/ unless said; --mobile: as a slow phone, whose processor
//   Lighthouse imitates by slowing this one to a quarter
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import lighthouse, { desktopConfig } from 'lighthouse';

const wanted = { performance: 0.9, accessibility: 0.95 };
const pages = ['/', '/course/gradient-descent/'];

const { values, positionals } = parseArgs({
  options: { mobile: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const folder = resolve(positionals[0] ?? join(import.meta.dirname, '..', 'build'));
if (!existsSync(join(folder, 'index.html'))) throw new Error(`${folder} holds no built site: pnpm run site builds it`);
const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const server = createServer(async (request, response) => {
  const path = join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)));
  const file = path.endsWith('/') ? `${path}index.html` : path;
  try {
    const body = await readFile(file);
    const type = types[extname(file)] ?? 'application/octet-stream';
    const packed = /^(text|application\/json|image\/svg)/.test(type);
    response.writeHead(200, {
      'Content-Type': type,
      'Cache-Control': 'max-age=31536000',
      ...(packed && { 'Content-Encoding': 'gzip' }),
    });
    response.end(packed ? gzipSync(body) : body);
  } catch {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end();
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;

const profile = await mkdtemp(join(tmpdir(), 'dl-lighthouse-'));
const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const browser = spawn(
  executable,
  [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'],
  { stdio: 'ignore' },
);

/** The port that Chromium chose: it writes it into its profile. */
async function portOfBrowser() {
  for (let i = 0; i < 300; i++) {
    const port = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').then(
      (text) => Number(text.split('\n')[0]),
      () => 0,
    );
    if (port > 0) return port;
    await wait(100);
  }
  throw new Error(`${executable} did not start within 30 s`);
}

let failed = false;
try {
  const port = await portOfBrowser();
  for (const path of pages) {
    const options = { port, output: 'json', logLevel: 'error', onlyCategories: Object.keys(wanted) };
    const { lhr } = await lighthouse(origin + path, options, values.mobile ? undefined : desktopConfig);
    const scores = Object.entries(wanted).map(([name, least]) => {
      const { score } = lhr.categories[name];
      if (!(score >= least)) failed = true;
      return `${name} ${Math.round(100 * score)}${score >= least ? '' : ` (${100 * least} wanted)`}`;
    });
    console.log(`${path}: ${scores.join(', ')}`);
    for (const name of Object.keys(wanted)) {
      if (lhr.categories[name].score >= wanted[name]) continue;
      for (const { id, weight } of lhr.categories[name].auditRefs) {
        const audit = lhr.audits[id];
        if (weight === 0 || audit.score === null || audit.score >= 0.9) continue;
        console.log(`  ${audit.title}${audit.displayValue ? `: ${audit.displayValue}` : ''}`);
        for (const { node } of audit.details?.items ?? []) if (node?.snippet) console.log(`    ${node.snippet}`);
      }
    }
  }
} finally {
  browser.kill();
  await once(browser, 'exit');
  server.closeAllConnections();
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed ? 1 : 0;
