import { ConfigError } from '@dl/core';
import { type Tokenizer, type TokenizerJSON, tokenizerFromJSON } from './tokenizer';
import { Vocabulary, type VocabularyJSON, type VocabularyOptions } from './vocabulary';

/** A codec as JSON: part of a model's file. */
export interface TextCodecJSON {
  tokenizer: TokenizerJSON;
  vocabulary: VocabularyJSON;
}

/**
 * Text to numbers and back: a tokeniser and its vocabulary. Texts are brought into Unicode's NFC first, so that letters typed in
 * pieces and whole ones are the same.
 *
 * @example
 * ```ts
 * import { jamoTokenizer, TextCodec } from '@dl/seq2seq-attention';
 *
 * const korean = TextCodec.train(['안녕하세요', '고맙습니다'], jamoTokenizer());
 * korean.decode(korean.encode('안녕')); // '안녕'
 * ```
 */
export class TextCodec {
  readonly tokenizer: Tokenizer;
  readonly vocabulary: Vocabulary;

  constructor(tokenizer: Tokenizer, vocabulary: Vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  /**
   * The codec of a corpus.
   *
   * @throws ConfigError for an empty one
   */
  static train(texts: Iterable<string>, tokenizer: Tokenizer, options: VocabularyOptions = {}): TextCodec {
    const pieces = Array.from(texts, (text) => tokenizer.encode(text));
    if (pieces.length === 0) throw new ConfigError('TextCodec', 'the corpus is empty', 'give texts to learn from');
    return new TextCodec(tokenizer, Vocabulary.of(pieces, options));
  }

  /** @throws FormatError for what `toJSON` did not write */
  static fromJSON(json: TextCodecJSON): TextCodec {
    return new TextCodec(tokenizerFromJSON(json?.tokenizer), Vocabulary.fromJSON(json?.vocabulary));
  }

  /** The numbers of a text's pieces, without `<s>` and `</s>`. */
  encode(text: string): Int32Array {
    return this.vocabulary.encode(this.tokenizer.encode(text));
  }

  /** The text of numbers, up to the first `</s>`. */
  decode(ids: ArrayLike<number>): string {
    return this.tokenizer.decode(this.vocabulary.decode(ids));
  }

  /** What `fromJSON` takes back. */
  toJSON(): TextCodecJSON {
    return { tokenizer: this.tokenizer.toJSON(), vocabulary: this.vocabulary.toJSON() };
  }
}
