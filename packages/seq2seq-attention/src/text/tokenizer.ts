import { FormatError } from '@dl/core';
import { BytePairEncoder, type BytePairJSON } from './byte-pair-encoder';
import { characterTokenizer } from './character-tokenizer';
import { jamoTokenizer } from './jamo-tokenizer';
import { wordTokenizer } from './word-tokenizer';

/** Cuts text into pieces and puts pieces together again: `decode(encode(text))` is the text in NFC. */
export interface Tokenizer {
  /** The pieces of a text, which is brought into NFC first. */
  encode(text: string): string[];
  /** The text of pieces. */
  decode(pieces: readonly string[]): string;
  /** What `tokenizerFromJSON` reads. */
  toJSON(): TokenizerJSON;
}

/** A tokeniser as JSON. */
export type TokenizerJSON = { kind: 'character' | 'word' | 'jamo' } | BytePairJSON;

/**
 * Makes the tokeniser that a JSON tells of.
 *
 * @throws FormatError where it tells of none
 */
export function tokenizerFromJSON(json: TokenizerJSON): Tokenizer {
  switch (json?.kind) {
    case 'character':
      return characterTokenizer();
    case 'word':
      return wordTokenizer();
    case 'jamo':
      return jamoTokenizer();
    case 'byte-pair':
      return BytePairEncoder.fromJSON(json);
    default:
      throw new FormatError('a tokeniser is saved as character, word, jamo or byte-pair, which this is not');
  }
}
