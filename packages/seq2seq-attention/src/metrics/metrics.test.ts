import { ConfigError, measure } from '@dl/core';
import { tensor } from '@dl/core/ops';
import { onBackends } from '@dl/testing';
import { expect, test } from 'vitest';
import { bleu, chrf, editDistance, errorRate, exactMatch, tokenAccuracy } from './index';

const hypotheses = [
  'the cat sat on the mat',
  "There is a dog, isn't it? Yes - 3.5 times.",
  '한국어 문장을 번역합니다',
  'a',
];
const first = [
  'the cat is on the mat',
  "There was a dog, wasn't it? Yes - 3.5 times!",
  '한국어 문장을 옮깁니다',
  'a b',
];
const second = ['a cat sat on a mat', "There is the dog; isn't it?", '한국어 글을 번역합니다', 'a'];
const both = first.map((text, i) => [text, second[i]!]);

// The numbers are those of sacreBLEU 2.6.0.
test('BLEU by the definitions of sacreBLEU', () => {
  expect(bleu(hypotheses, first)).toBeCloseTo(42.60551919992353, 8);
  expect(bleu(hypotheses, both)).toBeCloseTo(54.330675213499575, 8);
  expect(bleu(hypotheses, first, { tokenize: 'char' })).toBeCloseTo(72.04167194433175, 8);
  expect(bleu(hypotheses, both, { tokenize: 'char' })).toBeCloseTo(91.16396287513673, 8);
  expect(bleu(hypotheses, first, { tokenize: 'none' })).toBeCloseTo(29.01266132990151, 8);
  expect(bleu(['the cat sat'], ['the cat sat down'], { effectiveOrder: true })).toBeCloseTo(71.65313105737896, 8);
  expect(bleu(['the cat sat'], ['the cat sat down'])).toBe(0);
  expect(bleu(['a b'], ['c d'])).toBe(0);
  expect(bleu([''], ['c d'])).toBe(0);
  // 13a: Hello , world ! It's 3,000.5 km - " far " ( or 5 - 6 ) a . b
  const text = "Hello, world! It's 3,000.5 km - &quot;far&quot; (or 5-6) a.b";
  const cut = 'Hello , world ! It\'s 3,000.5 km - " far " ( or 5 - 6 ) a . b';
  expect(bleu([text], [cut])).toBeCloseTo(100, 8);
});

test('BLEU by hand: 3 of 4 words, 2 of 3 pairs, one reference longer', () => {
  // Precisions 3/4, 1/3, smoothed 1/(2*2), 1/(4*1); 4 words against 5.
  const score = bleu(['a b x d'], ['a b c d e']);
  const mean = ((3 / 4) * (1 / 3) * (1 / 4) * (1 / 4)) ** (1 / 4);
  expect(score).toBeCloseTo(100 * Math.exp(1 - 5 / 4) * mean, 8);
});

test('chrF by the definitions of sacreBLEU', () => {
  expect(chrf(hypotheses, first)).toBeCloseTo(64.94847578153143, 8);
  expect(chrf(hypotheses, both)).toBeCloseTo(66.16784334230911, 8);
  expect(chrf(hypotheses, both, { wordOrder: 2 })).toBeCloseTo(66.00093043576933, 8);
  expect(chrf(['abc'], ['xyz'])).toBe(0);
});

test('edits', () => {
  expect(editDistance([...'kitten'], [...'sitting'])).toBe(3);
  expect(editDistance([], [...'ab'])).toBe(2);
  expect(
    errorRate(
      [['a', 'b'], ['c']],
      [
        ['a', 'x'],
        ['c', 'd'],
      ],
    ),
  ).toBe(0.5);
  expect(exactMatch(['각'.normalize('NFD'), 'b'], ['각', 'c'])).toBe(0.5);
});

test('what cannot be compared is refused', () => {
  expect(() => bleu(['a'], [])).toThrow(/1 hypotheses and 0 references/);
  expect(() => chrf([], [])).toThrow(ConfigError);
  expect(() => exactMatch(['a'], [[]])).toThrow(/has no reference/);
  expect(() => bleu(['a'], ['a'], { tokenize: 'x' as never })).toThrow(ConfigError);
  expect(() => errorRate([[]], [[]])).toThrow(ConfigError);
});

onBackends(['wasm', 'cpu'], () => {
  test('the accuracy of tokens leaves the padding out', () => {
    using logits = tensor([0, 1, 2, 0, 3, 2, 9, 0, 0, 0, 0, 1], [2, 2, 3]);
    using target = tensor([2, 1, 0, 1], [2, 2], 'int32');
    expect(measure(tokenAccuracy(), logits, target)).toBeCloseTo(2 / 3);
  });
});
