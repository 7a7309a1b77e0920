import { init, memory } from '@dl/core';
import { beforeAll, expect, test } from 'vitest';
import { core } from './core';
import { picture } from './core/descent';

beforeAll(async () => {
  await init();
});

test.each(core.sections.slice(0, 3).map((section) => [section.title, section] as const))('%s', async (_, section) => {
  const lines: string[] = [];
  const before = memory().numTensors;
  const stage = { print: (text = '') => void lines.push(text), full: false, signal: new AbortController().signal };
  const { reached } = await section.run(stage);
  expect(reached, lines.join('\n')).toBe(true);
  expect(memory().numTensors).toBe(before);
});

test('the picture of a path', () => {
  const path = [
    [-8, 4],
    [-4, 2],
    [4, -2],
    [99, 0],
    [8, -4],
  ].map((x) => ({ x, value: 0 }));
  expect(picture({ path, diverged: false }, { width: 9, height: 5 })).toEqual([
    'o        ',
    '  .      ',
    '    +    ',
    '      .  ',
    '        *',
  ]);
});
