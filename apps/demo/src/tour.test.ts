import { expect, test } from 'vitest';
import type { Chapter, Outcome, Section } from './chapter';
import { EXIT, runTour } from './tour';

const reached: Outcome = { result: '4', reference: '4', reached: true };
const chapter = (...runs: Section['run'][]): Chapter => ({
  name: 'sums',
  title: 'Sums',
  sections: runs.map((run, i) => ({ name: `sum ${i}`, title: `Sum ${i}`, run })),
});

async function tour(...runs: Section['run'][]) {
  const lines: string[] = [];
  const print = (text = '') => void lines.push(text);
  const { signal } = new AbortController();
  const code = await runTour([chapter(...runs), chapter(() => reached)], { print, full: false, signal });
  return { code, text: lines.join('\n') };
}

test('all reached', async () => {
  const { code, text } = await tour(() => reached);
  expect(code).toBe(EXIT.reached);
  expect(text).toContain('all 2 references reached');
});

test('one missed gives a code that is not 0, and the others still run', async () => {
  const { code, text } = await tour(() => ({ ...reached, reached: false }));
  expect(code).toBe(EXIT.missed);
  expect(text).toContain('1 of 2 references missed');
});

test('an error is shown and counts as missed', async () => {
  const { code, text } = await tour(
    () => reached,
    () => {
      throw new Error('no such file');
    },
  );
  expect(code).toBe(EXIT.missed);
  expect(text).toContain('no such file');
  expect(text).toContain('1 of 3 references missed');
});

test('sections that take long run in the full tour alone', async () => {
  const ran: boolean[] = [];
  const long: Chapter = {
    name: 'long',
    title: 'Long',
    sections: [
      { name: 'short', title: 'Short', run: () => reached },
      {
        name: 'long',
        title: 'Long',
        onlyFull: true,
        run({ full }) {
          ran.push(full);
          return reached;
        },
      },
    ],
  };
  const lines: string[] = [];
  const print = (text = '') => void lines.push(text);
  const { signal } = new AbortController();
  for (const full of [false, true]) expect(await runTour([long], { print, full, signal })).toBe(EXIT.reached);
  expect(ran).toEqual([true]);
  expect(lines.join('\n')).toMatch(/all 1 references reached[\s\S]*all 2 references reached/);
});

test('an abort ends the tour and shows what was finished', async () => {
  const control = new AbortController();
  const lines: string[] = [];
  let ran = 0;
  const code = await runTour(
    [
      chapter(
        () => reached,
        ({ signal }) => {
          control.abort();
          signal.throwIfAborted();
          return reached;
        },
        () => {
          ran++;
          return reached;
        },
      ),
    ],
    { print: (text = '') => void lines.push(text), full: false, signal: control.signal },
  );
  expect([code, ran]).toEqual([EXIT.stopped, 0]);
  expect(lines.join('\n')).toMatch(/sum 0[\s\S]*stopped before the end/);
});
