import { expect, test } from 'vitest';
import { drawDigit, sideBySide } from './draw-digit';

test('a digit in characters, twelve lines of twenty-four', () => {
  const pixels = new Float32Array(784);
  for (let row = 2; row < 26; row++) pixels[row * 28 + 2] = 1; // a bar at the left of the drawn part
  pixels[2 * 28 + 25] = 1; // half of the last cell of the first line
  const lines = drawDigit(pixels);
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe(`@${' '.repeat(22)}+`);
  expect(lines[11]).toBe(`@${' '.repeat(23)}`);
});

test('drawings side by side under their captions', () => {
  const drawings = [
    { caption: 'one', lines: ['##  ', ' #  '] },
    { caption: 'two', lines: ['  ##', '  # '] },
  ];
  expect(sideBySide(drawings)).toBe('one   two\n##      ##\n #      #');
});
