import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};
/** What makes a page cross-origin isolated, and SharedArrayBuffer available to it. */
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Serves a folder on 127.0.0.1, hands its address to `use`, and stops. */
export async function served(folder, isolated, use) {
  const server = createServer(async (request, response) => {
    if (request.url === '/favicon.ico') return void response.writeHead(204).end();
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)));
    const file = path.endsWith('/') ? `${path}index.html` : path;
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
        ...(isolated && ISOLATED),
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Starts a browser with an empty profile, hands it to `use`, and stops it. */
export async function withChromium(use) {
  if (!existsSync(executable)) {
    throw new Error(`no Chromium at ${executable}: apt-get install chromium, or name one by CHROMIUM=path`);
  }
  const profile = await mkdtemp(join(tmpdir(), 'dl-chromium-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    args: flags,
    timeout: 60_000,
  });
  try {
    return await use(browser);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/**
 * Opens a page of a folder and gives what it leaves in `globalThis.outcome`. Errors of the page, and requests that the
 * folder cannot answer or that leave it, are errors.
 */
export function outcomeOf(browser, folder, { path = '/', isolated = false, seconds = 60 } = {}) {
  return served(folder, isolated, async (origin) => {
    const page = await browser.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.stack ?? String(error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !/^(blob|data):/.test(request.url())) problems.push(request.url());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    try {
      await page.goto(origin + path, { timeout: seconds * 1000 });
      await page.waitForFunction(() => globalThis.outcome !== undefined, undefined, { timeout: seconds * 1000 });
      const outcome = await page.evaluate(() => globalThis.outcome);
      if (outcome.error || problems.length > 0) throw new Error(outcome.error ?? 'the page had problems');
      return outcome;
    } catch (error) {
      throw new Error([error.message, ...problems].join('\n'), { cause: error });
    } finally {
      await page.close();
    }
  });
}
