import { ConfigError } from '@dl/core';
import type { TextCodec } from '../text/text-codec';
import type { TokenPair } from '../training/collate-pairs';

/** A text and what it is to become. */
export type TextPair = readonly [source: string, target: string];

/** A source as numbers, and where models copy, what its tokens are called in the target. */
export interface EncodedSource {
  source: Int32Array;
  copyIds?: Int32Array | undefined;
  /** The pieces that the target vocabulary lacks, in the order of their numbers behind it. */
  unknown: string[];
}

/** Makes numbers of texts for a model, those behind the vocabulary included where it copies. */
export class PairEncoder {
  readonly source: TextCodec;
  readonly target: TextCodec;
  readonly copies: boolean;

  constructor(source: TextCodec, target: TextCodec, copies: boolean) {
    this.source = source;
    this.target = target;
    this.copies = copies;
  }

  /** The numbers of a source. */
  encodeSource(text: string): EncodedSource {
    const pieces = this.source.tokenizer.encode(text);
    const source = this.source.vocabulary.encode(pieces);
    if (!this.copies) return { source, unknown: [] };
    const unknown: string[] = [];
    const copyIds = Int32Array.from(pieces, (piece) => {
      if (this.target.vocabulary.has(piece)) return this.target.vocabulary.idOf(piece);
      if (!unknown.includes(piece)) unknown.push(piece);
      return this.target.vocabulary.size + unknown.indexOf(piece);
    });
    return { source, copyIds, unknown };
  }

  /** The numbers of a pair; of the target, pieces that can be copied only have the numbers that they have in the source. */
  encodePair([from, to]: TextPair): TokenPair {
    const { source, copyIds, unknown } = this.encodeSource(from);
    const { vocabulary, tokenizer } = this.target;
    const target = Int32Array.from(tokenizer.encode(to), (piece) => {
      const at = vocabulary.has(piece) ? -1 : unknown.indexOf(piece);
      return at < 0 ? vocabulary.idOf(piece) : vocabulary.size + at;
    });
    return { source, target, ...(copyIds && { copyIds }) };
  }

  /** The pieces of written tokens. */
  pieces(tokens: readonly number[], { unknown }: EncodedSource): string[] {
    const { vocabulary } = this.target;
    return tokens.map((token) =>
      token < vocabulary.size ? vocabulary.tokenOf(token) : unknown[token - vocabulary.size]!,
    );
  }

  /** @throws ConfigError where there are no pairs, or they are no texts */
  static check(where: string, pairs: readonly TextPair[]): void {
    if (pairs.length === 0) throw new ConfigError(where, 'the corpus is empty', 'give pairs of texts');
    for (const [i, pair] of pairs.entries()) {
      if (!Array.isArray(pair) || pair.length !== 2 || pair.some((text) => typeof text !== 'string')) {
        throw new ConfigError(where, `pair ${i} is not two texts`, "give [['source', 'target'], ...]");
      }
    }
  }
}
