import { graphemes } from './graphemes';
import type { Tokenizer } from './tokenizer';

/**
 * Every character is a piece: what a reader takes for one, by Unicode's grapheme clusters (`Intl.Segmenter`).
 *
 * @example
 * ```ts
 * import { characterTokenizer } from '@dl/seq2seq-attention';
 *
 * characterTokenizer().encode('한글 👩‍👧').length; // 4
 * ```
 */
export function characterTokenizer(): Tokenizer {
  return {
    encode: (text) => graphemes(text.normalize('NFC')),
    decode: (pieces) => pieces.join('').normalize('NFC'),
    toJSON: () => ({ kind: 'character' }),
  };
}
