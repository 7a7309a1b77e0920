import { key } from '@dl/core';
import { expect, test } from 'vitest';
import { koreanDates } from './seq2seq/korean-dates';
import { pronouncingDictionary } from './seq2seq/pronouncing-dictionary';

test('dates: what is tested was not learnt, and every style, calendar, range and duration is there', () => {
  const { train, test: held } = koreanDates(key(0), { train: 3000, test: 400 });
  expect(held.length).toBeGreaterThan(350);
  const days = (pairs: typeof train) =>
    new Set(pairs.flatMap(([, iso]) => (iso.startsWith('P') ? [iso] : iso.split('/'))));
  const known = days(train);
  expect([...days(held)].filter((day) => known.has(day))).toEqual([]);
  const sources = train.map(([source]) => source).join('\n');
  for (const part of ['요일', '레이와', '쇼와', '중화민국', '불기', '서기', ' ~ ', '시간', '개월', '(목)']) {
    expect(sources).toContain(part);
  }
  for (const [source, iso] of train) {
    expect(iso).toMatch(/^(\d{4}-\d\d-\d\d(\/\d{4}-\d\d-\d\d)?|P(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?)?)$/);
    expect(source.normalize('NFC')).toBe(source);
  }
  expect(koreanDates(key(0), { train: 10, test: 1 }).train).toEqual(train.slice(0, 10));
});

test('the pronouncing dictionary: no word on both sides, no stress, all pronunciations of a word together', () => {
  const { train, test: held } = pronouncingDictionary();
  expect(train.length + held.length).toBeGreaterThan(110_000);
  expect(held.length / train.length).toBeCloseTo(1 / 19, 2);
  const words = new Set(train.map(({ word }) => word));
  expect(held.some(({ word }) => words.has(word))).toBe(false);
  const tomato = [...train, ...held].find(({ word }) => word === 'tomato');
  expect(tomato?.pronunciations).toEqual([
    ['T', 'AH', 'M', 'EY', 'T', 'OW'],
    ['T', 'AH', 'M', 'AA', 'T', 'OW'],
  ]);
});
