import { expect, test } from 'vitest';
import { ratesByLength, type Written, wrongCharacters } from './compute';

test('shares by length, texts of one length together', () => {
  const texts: Written[] = [
    ['aaaa', 'x', 'x', 'y'],
    ['a', 'x', 'x', 'x'],
    ['bb', 'x', 'x', 'x'],
    ['cc', 'x', 'y', 'y'],
    ['dd', 'x', 'x', 'y'],
  ];
  expect(ratesByLength(texts, 2)).toEqual([
    { from: 1, to: 2, count: 4, looking: 0.75, blind: 0.5 },
    { from: 4, to: 4, count: 1, looking: 1, blind: 0 },
  ]);
  expect(ratesByLength([], 3)).toEqual([]);
});

test('characters that differ', () => {
  expect(wrongCharacters('2024-03', '2024-04')).toEqual([false, false, false, false, false, false, true]);
  expect(wrongCharacters('12', '1')).toEqual([false, true]);
});
