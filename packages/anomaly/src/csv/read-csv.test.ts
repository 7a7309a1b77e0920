import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormatError } from '@dl/core';
import { afterAll, expect, test } from 'vitest';
import { readCsv } from './read-csv';

const folder = mkdtempSync(join(tmpdir(), 'dl-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'data.csv');
  writeFileSync(path, text);
  return path;
}

test('columns by name, over many batches', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `${i};row ${i};${1 - i / 2}`);
  const path = file(`a;note;b\n${lines.join('\n')}\n`);
  const columns = await readCsv(path, { delimiter: ';', ignore: ['note'] });
  expect(Object.keys(columns)).toEqual(['a', 'b']);
  expect([...columns.b!]).toEqual(lines.map((_, i) => 1 - i / 2));
  expect(Object.keys(await readCsv(path, { delimiter: ';', columns: ['b', 'a'] }))).toEqual(['b', 'a']);
});

test('what has no value is NaN, what is no number is refused', async () => {
  const { a } = await readCsv(file('a,b\n,1\nNA,1\n?,1\n1e3,1\n'));
  expect([...a!]).toEqual([Number.NaN, Number.NaN, Number.NaN, 1000]);
  await expect(readCsv(file('a,b\n1,2\n1,Infinity\n'))).rejects.toThrow(/line 3, column 'b': "Infinity"/);
  await expect(readCsv(file('a,b\n1,2\n'), { columns: ['c'] })).rejects.toThrow(/has no column 'c'; it has a, b/);
  await expect(readCsv(file('a,b\n1,2\n'), { ignore: ['c'] })).rejects.toThrow(FormatError);
  await expect(readCsv(file('a,b\n'))).rejects.toThrow(/has no rows/);
});
