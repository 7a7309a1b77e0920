// Measures every entry of the published packages, and fails where one is above its budget. The site shows the file that it
// writes.
//
//   node size/main.mjs
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicPackages, root } from '../release/packages.mjs';
import { complaints, sizesOf } from './measure.mjs';

const budgets = JSON.parse(await readFile(join(import.meta.dirname, 'budgets.json'), 'utf8'));
const sizes = [];
for (const { folder, manifest } of await publicPackages()) {
  sizes.push(...(await sizesOf(join(root, 'packages', folder), manifest)));
}

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
console.log(`${'gzip'.padStart(10)}${'minified'.padStart(12)}${'with tfjs'.padStart(12)}`);
for (const size of sizes) {
  console.log(`${kB(size.gzip)}  ${kB(size.minified)}  ${kB(size.withTfjsGzip)}  ${join(size.package, size.entry)}`);
}

const data = join(root, 'apps', 'docs', 'data');
await mkdir(data, { recursive: true });
const date = new Date().toISOString().slice(0, 10);
await writeFile(join(data, 'sizes.json'), `${JSON.stringify({ date, entries: sizes }, null, 2)}\n`);

const wrong = complaints(sizes, budgets);
for (const line of wrong) console.error(line);
console.log(`${sizes.length - wrong.length} passed, ${wrong.length} failed`);
process.exitCode = wrong.length > 0 ? 1 : 0;
