import { graphemes } from './graphemes';
import type { Tokenizer } from './tokenizer';

/** Whole syllables; by their numbers, since a page may read a script in another encoding. */
const SYLLABLE = /^[\uac00-\ud7a3]$/u;

/** The letters of Hangul syllables, first, middle and final ones told apart (Unicode's canonical decomposition); other characters as they are. */
export function jamoOf(text: string): string[] {
  return graphemes(text.normalize('NFC')).flatMap((character) =>
    SYLLABLE.test(character) ? [...character.normalize('NFD')] : [character],
  );
}

/**
 * Every letter of Hangul is a piece: 11,172 syllables out of 67 letters, so that a model spells syllables that it has never
 * seen. Other characters are pieces as they are. Letters that make a syllable are put together again.
 *
 * @example
 * ```ts
 * import { jamoTokenizer } from '@dl/seq2seq-attention';
 *
 * const jamo = jamoTokenizer();
 * jamo.encode('한글').length; // 6
 * jamo.decode(jamo.encode('한글 ok')); // '한글 ok'
 * ```
 */
export function jamoTokenizer(): Tokenizer {
  return {
    encode: (text) => jamoOf(text),
    decode: (pieces) => pieces.join('').normalize('NFC'),
    toJSON: () => ({ kind: 'jamo' }),
  };
}
