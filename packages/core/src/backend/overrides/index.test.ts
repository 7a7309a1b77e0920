import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overrides } from '.';

const tests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .filter((source) => source.includes('kernelProperty('));

test.each(overrides.map(({ name }) => name))('%s has a property test', (name) => {
  expect(tests.some((source) => source.includes(`'${name}'`))).toBe(true);
});

test('no kernel is replaced twice', () => {
  const names = overrides.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
