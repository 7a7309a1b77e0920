import { ConfigError, FormatError } from '@dl/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BytePairEncoder,
  characterTokenizer,
  jamoTokenizer,
  TextCodec,
  type Tokenizer,
  tokenizerFromJSON,
  Vocabulary,
  wordTokenizer,
} from './index';

const corpus = ['한국어 문장을 배웁니다', '배우는 사람은 한국어를 배운다', 'low lower lowest low', 'slow, slower'];
const tokenizers: Record<string, Tokenizer> = {
  character: characterTokenizer(),
  word: wordTokenizer(),
  jamo: jamoTokenizer(),
  'byte pairs of characters': BytePairEncoder.train(corpus, { merges: 20 }),
  'byte pairs of letters': BytePairEncoder.train(corpus, { merges: 20, base: 'jamo' }),
  'byte pairs of bytes': BytePairEncoder.train(corpus, { merges: 20, base: 'byte' }),
};

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme-composite' }),
  fc.stringMatching(/^[가-힣a-z ,.0-9\n]*$/),
  fc.constantFrom(' ', '  두 칸 ', 'ᄀ', '각'.normalize('NFD'), 'é\u0301', '👩‍👧‍👦 x', ...corpus),
);

test.each(Object.entries(tokenizers))('%s: nothing is lost, and JSON keeps it all', (_, tokenizer) => {
  const twin = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)) as never);
  fc.assert(
    fc.property(anyText, (text) => {
      const pieces = tokenizer.encode(text);
      expect(tokenizer.decode(pieces)).toBe(text.normalize('NFC'));
      expect(tokenizer.encode(text.normalize('NFD'))).toEqual(pieces);
      expect(twin.encode(text)).toEqual(pieces);
    }),
  );
});

test('characters are what a reader takes for one', () => {
  expect(characterTokenizer().encode('각e\u0301👩‍👧')).toEqual(['각', 'é', '👩‍👧']);
});

test('letters of Hangul: first, middle and final ones are told apart', () => {
  const pieces = jamoTokenizer().encode('각 a');
  expect(pieces.map((piece) => piece.codePointAt(0)!.toString(16))).toEqual(['1100', '1161', '11a8', '20', '61']);
  const syllables = Array.from({ length: 11_172 }, (_, i) => String.fromCodePoint(0xac00 + i)).join('');
  expect(new Set(jamoTokenizer().encode(syllables)).size).toBe(67);
  expect(jamoTokenizer().decode(jamoTokenizer().encode(syllables))).toBe(syllables);
});

test('words begin with their space, signs and numbers stand alone', () => {
  expect(wordTokenizer().encode('두 단어, 12개!')).toEqual([' 두', ' 단어', ',', ' 12', '개', '!']);
});

test('byte pairs: the most frequent pair first, of equal ones the first in order', () => {
  const words = ['low '.repeat(5), 'lowest '.repeat(2), 'newer '.repeat(6), 'wider '.repeat(3)];
  const { merges } = BytePairEncoder.train(words, { merges: 4 });
  // 9 times e r; then 7 times each of the three pairs of " low".
  expect(merges).toEqual([
    ['e', 'r'],
    [' ', 'l'],
    [' l', 'o'],
    [' lo', 'w'],
  ]);
  expect(BytePairEncoder.train([...words].reverse(), { merges: 4 }).merges).toEqual(merges);
});

test('byte pairs of bytes know every text', () => {
  const encoder = BytePairEncoder.train(corpus, { merges: 50, base: 'byte' });
  const all = new Vocabulary([
    ...Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)),
    ...encoder.merges.map(([left, right]) => left + right),
  ]);
  expect(encoder.encode('배운 日本語 👍').every((piece) => all.has(piece))).toBe(true);
});

test('a vocabulary: the most frequent first, and what is not known', () => {
  const vocabulary = Vocabulary.of([['b', 'a', 'c'], ['a', 'b'], ['a']], { minFrequency: 2 });
  expect(vocabulary.tokens).toEqual(['<pad>', '<unk>', '<s>', '</s>', 'a', 'b']);
  expect([...vocabulary.encode(['b', 'c'])]).toEqual([5, 1]);
  expect(() => vocabulary.encode(['b', 'c'], { unknown: 'error' })).toThrow(/token 1, 'c', is not one of the 6/);
  expect(vocabulary.decode([2, 4, 0, 5, 3, 4])).toEqual(['a', 'b']);
  expect(() => vocabulary.decode([6])).toThrow(ConfigError);
  expect(Vocabulary.of([['a', 'b', 'b']], { size: 5 }).tokens.at(-1)).toBe('b');
  expect(Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)) as never).tokens).toEqual(vocabulary.tokens);
});

test('a codec goes through JSON', () => {
  const codec = TextCodec.train(corpus, jamoTokenizer());
  const twin = TextCodec.fromJSON(JSON.parse(JSON.stringify(codec)) as never);
  expect(twin.encode('배운 사람')).toEqual(codec.encode('배운 사람'));
  expect(codec.decode(codec.encode('배운 사람'))).toBe('배운 사람');
});

test('bad input is refused by name', () => {
  expect(() => TextCodec.train([], characterTokenizer())).toThrow(/the corpus is empty/);
  expect(() => TextCodec.train([''], characterTokenizer())).toThrow(/no tokens/);
  expect(() => BytePairEncoder.train([''], { merges: 3 })).not.toThrow();
  expect(() => BytePairEncoder.train([], { merges: 3 })).toThrow(ConfigError);
  expect(() => BytePairEncoder.train(['a'], { merges: -1 })).toThrow(/merges is -1/);
  expect(() => Vocabulary.of([['a']], { size: 4 })).toThrow(/size is 4/);
  expect(() => new Vocabulary(['a', 'a'])).toThrow(/'a' occurs twice/);
  expect(() => tokenizerFromJSON({ kind: 'other' } as never)).toThrow(FormatError);
  expect(() => BytePairEncoder.fromJSON({ kind: 'byte-pair', base: 'byte', merges: [['a']] } as never)).toThrow(
    FormatError,
  );
  expect(() => TextCodec.fromJSON({} as never)).toThrow(FormatError);
});
