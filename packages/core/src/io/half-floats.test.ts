import { expect, test } from 'vitest';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-floats';

const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
const isNan16 = (half: number) => (half & 0x7fff) > 0x7c00;
const isNanBf = (half: number) => (half & 0x7fff) > 0x7f80;

test('every float16 survives the way to float32 and back', () => {
  const back = toFloat16(fromFloat16(all));
  for (const half of all) {
    if (isNan16(half)) expect(isNan16(back[half]!)).toBe(true);
    else if (back[half] !== half) expect.fail(`${half} became ${back[half]}`);
  }
});

test('every bfloat16 survives the way to float32 and back', () => {
  const back = toBfloat16(fromBfloat16(all));
  for (const half of all) {
    if (isNanBf(half)) expect(isNanBf(back[half]!)).toBe(true);
    else if (back[half] !== half) expect.fail(`${half} became ${back[half]}`);
  }
});

test('known values', () => {
  expect([...fromFloat16(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0x3555))]).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
    Infinity,
    0.333251953125,
  ]);
  expect([...fromBfloat16(Uint16Array.of(0x3f80, 0xc000, 0x4049))]).toEqual([1, -2, 3.140625]);
});

/** Between each pair of neighbours: the quarter points go to the nearer one, the middle to the even one. */
test.each([
  ['float16', fromFloat16, toFloat16, 0x7bff],
  ['bfloat16', fromBfloat16, toBfloat16, 0x7f7f],
] as const)('%s rounds to nearest, ties to even', (_, from, to, largest) => {
  const values = from(all);
  for (let half = 0; half < largest; half += 7) {
    const [low, high] = [values[half]!, values[half + 1]!];
    const points = [0.25, 0.5, 0.75].map((share) => low + (high - low) * share);
    const even = half % 2 === 0 ? half : half + 1;
    for (const [sign, bit] of [
      [1, 0],
      [-1, 0x8000],
    ] as const) {
      const found = [...to(points.map((x) => sign * x))];
      const expected = [half, even, half + 1].map((x) => x | bit);
      if (found.join() !== expected.join()) expect.fail(`${low}..${high}: ${found.join()}, not ${expected.join()}`);
    }
  }
});

test('values beyond the range become Infinity, and underflow to zero keeps the sign', () => {
  expect([...toFloat16([65519.99, 65520, -1e9, Infinity])]).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00]);
  expect([...toFloat16([2 ** -25, 2 ** -25 * 1.0001, -(2 ** -26), -0])]).toEqual([0, 1, 0x8000, 0x8000]);
  expect([...toBfloat16([3.4e38, -Infinity])]).toEqual([0x7f80, 0xff80]);
});
