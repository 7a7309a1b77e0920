import { type Descent, gradientDescent } from '@dl/core';
import type { Section } from '../../chapter';
import { table } from '../../table';

const STEPS = 60;
const START = [-7, 2];
/** A long valley: twenty times steeper across than along. */
const valley = ([x = 0, y = 0]: number[]) => x ** 2 / 20 + y ** 2;

const RATES = [
  { lr: 0.02, name: 'too small', expected: 'still on its way', holds: (end: number) => end > 0.5 },
  { lr: 0.9, name: 'right', expected: 'below 1e-3', holds: (end: number) => end < 1e-3 },
  { lr: 1.02, name: 'too large', expected: 'diverges', holds: (_: number, diverged: boolean) => diverged },
] as const;

/** The same descent with three learning rates. */
export const descent: Section = {
  name: 'gradient descent, three rates',
  title: `Gradient descent on f(x, y) = x^2 / 20 + y^2 from (${START.join(', ')}), ${STEPS} steps`,
  run({ print }) {
    const paths = RATES.map(({ lr }) => gradientDescent(valley, START, { lr, steps: STEPS }));
    const pictures = paths.map((path) => picture(path, { width: 29, height: 9 }));
    const captions = RATES.map(({ lr, name }) => `learning rate ${lr}: ${name}`.padEnd(29));
    print(captions.join('   '));
    for (const [row] of pictures[0]!.entries()) print(pictures.map((lines) => lines[row]).join('   '));
    print('start o, path ., end *, minimum +\n');

    const moments = [0, 1, 5, 20, STEPS];
    print(
      table(
        ['learning rate', ...moments.map((step) => `f, step ${step}`), 'end (x, y)'],
        RATES.map(({ lr }, i) => {
          const { path } = paths[i]!;
          const end = path.at(-1)!.x.map((v) => v.toPrecision(3));
          return [`${lr}`, ...moments.map((step) => path[step]?.value.toPrecision(4) ?? ''), `(${end.join(', ')})`];
        }),
      ),
    );
    const held = RATES.filter(({ holds }, i) => holds(paths[i]!.path.at(-1)!.value, paths[i]!.diverged));
    return {
      result: `${held.length} of ${RATES.length} as expected`,
      reference: RATES.map(({ expected }) => expected).join('; '),
      reached: held.length === RATES.length,
    };
  },
};

/** Draws a path in the plane, x from -8 to 8, y from -4 to 4; points outside are left out. */
export function picture({ path }: Descent, { width, height }: { width: number; height: number }): string[] {
  const cells = Array.from({ length: height }, () => new Array<string>(width).fill(' '));
  const put = ([x = 0, y = 0]: readonly number[], mark: string) => {
    const column = Math.round(((x + 8) / 16) * (width - 1));
    const row = Math.round(((4 - y) / 8) * (height - 1));
    const line = cells[row];
    if (line?.[column] !== undefined) line[column] = mark;
  };
  for (const { x } of path) put(x, '.');
  put([0, 0], '+');
  put(path[0]!.x, 'o');
  put(path.at(-1)!.x, '*');
  return cells.map((line) => line.join(''));
}
