import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { complaints, sizesOf } from '../size/measure.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dl-size-'));
  mkdirSync(join(folder, 'dist'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const manifest = {
  name: '@dl/a',
  exports: {
    '.': { import: { default: './dist/index.js' } },
    './b': { import: { default: './dist/b.js' } },
    './package.json': './package.json',
  },
};

/** Numbers that gzip cannot make smaller. */
const numbers = (seed: number) => Array.from({ length: 200 }, (_, i) => Math.sin(seed + i));

function write(file: string, ...lines: string[]): void {
  writeFileSync(join(folder, 'dist', file), lines.join('\n'));
}

async function sizes() {
  return sizesOf(folder, manifest);
}

beforeEach(() => {
  write('index.js', `export const a = ${JSON.stringify(numbers(1))};`);
  write('b.js', `import { a } from './index.js';`, `export const b = () => a;`);
});

test('an entry counts all that it imports', async () => {
  const [index, b] = await sizes();
  expect([index!.entry, b!.entry]).toEqual(['.', './b']);
  expect(b!.gzip).toBeGreaterThan(index!.gzip * 0.95);
  expect(index!.minified).toBeGreaterThan(3000);
});

test('a new import that doubles an entry is above its budget', async () => {
  const before = await sizes();
  const budgets = {
    others: 0,
    entries: { '@dl/a': 1.25 * (before[0]!.gzip / 1000), '@dl/a/b': 1.25 * (before[1]!.gzip / 1000) },
  };
  expect(complaints(before, budgets)).toEqual([]);

  write('new.js', `export const more = ${JSON.stringify(numbers(1000))};`);
  write(
    'b.js',
    `import { a } from './index.js';`,
    `import { more } from './new.js';`,
    'export const b = () => [a, more];',
  );
  const [complaint, ...others] = complaints(await sizes(), budgets);
  expect(complaint).toMatch(/^@dl\/a\/b has /);
  expect(others).toEqual([]);
});

test('an entry without a budget has that of the others', async () => {
  expect(complaints(await sizes(), { others: 100, entries: {} })).toEqual([]);
  expect(complaints(await sizes(), { others: 0.1, entries: {} })).toHaveLength(2);
});

test('a budget that would take twice the size is refused', async () => {
  const [complaint] = complaints(await sizes(), { others: 100, entries: { '@dl/a': 90 } });
  expect(complaint).toContain('which would not notice it doubled');
});
