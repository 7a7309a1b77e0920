import type { Tokenizer } from './tokenizer';

/** A word, a number or a run of signs with the space before it, or other white space. */
const WORDS = / ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?=\s)|\s+/gu;

/**
 * Words of a text, each with the space before it; the first gets one too, so that it is the same word as within a sentence.
 * Letters, numbers and signs are pieces of their own. Nothing is lost: joined, the pieces are a space and the text.
 */
export function wordsOf(text: string): string[] {
  return ` ${text}`.match(WORDS) ?? [];
}

/** The text of `wordsOf`. */
export function textOf(words: readonly string[]): string {
  const text = words.join('');
  return text.startsWith(' ') ? text.slice(1) : text;
}

/**
 * Every word is a piece, with the space before it; numbers and signs are pieces of their own.
 *
 * @example
 * ```ts
 * import { wordTokenizer } from '@dl/seq2seq-attention';
 *
 * wordTokenizer().encode('two words, 3 signs').join('|'); // ' two| words|,| 3| signs'
 * ```
 */
export function wordTokenizer(): Tokenizer {
  return {
    encode: (text) => wordsOf(text.normalize('NFC')),
    decode: (pieces) => textOf(pieces).normalize('NFC'),
    toJSON: () => ({ kind: 'word' }),
  };
}
