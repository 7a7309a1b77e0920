import { ConfigError, FormatError } from '@dl/core';
import { graphemes } from './graphemes';
import { jamoOf } from './jamo-tokenizer';
import type { Tokenizer } from './tokenizer';
import { textOf, wordsOf } from './word-tokenizer';

/** What pieces are built from: characters, the letters of Hangul, or the bytes of UTF-8, of which none is ever unknown. */
export type BytePairBase = 'character' | 'jamo' | 'byte';

/** How a byte-pair encoder is trained. */
export interface BytePairOptions {
  /** How many merges are learnt at most. */
  merges: number;
  /** Pairs that occur less often are not merged. @default 2 */
  minFrequency?: number;
  /** What pieces are built from. @default 'character' */
  base?: BytePairBase;
}

/** A byte-pair encoder as JSON. */
export interface BytePairJSON {
  kind: 'byte-pair';
  base: BytePairBase;
  /** In the order in which they were learnt. */
  merges: [left: string, right: string][];
}

const utf8 = new TextEncoder();
/** A byte is written as the character of its number, so that pieces are texts like any other. */
const bytesOf = (text: string): string[] => Array.from(utf8.encode(text), (byte) => String.fromCharCode(byte));

const bases: Record<BytePairBase, { split: (text: string) => string[]; join: (pieces: readonly string[]) => string }> =
  {
    character: { split: graphemes, join: (pieces) => pieces.join('') },
    jamo: { split: jamoOf, join: (pieces) => pieces.join('').normalize('NFC') },
    byte: {
      split: bytesOf,
      join: (pieces) =>
        new TextDecoder().decode(Uint8Array.from(pieces.join(''), (character) => character.charCodeAt(0))),
    },
  };

const SEPARATOR = '\u0000';

/**
 * Pieces between characters and words: beginning with characters, the pair of neighbours that occurs most often becomes a piece,
 * again and again, within words. Sennrich et al. 2016. Frequent words end up as one piece, rare ones as several.
 *
 * @example
 * ```ts
 * import { BytePairEncoder } from '@dl/seq2seq-attention';
 *
 * const encoder = BytePairEncoder.train(['low lower lowest', 'low low'], { merges: 3 });
 * encoder.encode('lower').join('|'); // ' low|e|r'
 * ```
 */
export class BytePairEncoder implements Tokenizer {
  readonly base: BytePairBase;
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #known = new Map<string, readonly string[]>();

  private constructor(base: BytePairBase, merges: readonly (readonly [string, string])[]) {
    this.base = base;
    this.merges = merges;
    this.#ranks = new Map(merges.map(([left, right], rank) => [left + SEPARATOR + right, rank]));
  }

  /**
   * Learns merges from texts. Of pairs that are equally frequent the one that comes first in the order of code units is merged, so
   * that the same texts in any order give the same encoder.
   *
   * @throws ConfigError for an empty corpus, and for options that cannot be
   */
  static train(texts: Iterable<string>, { merges, minFrequency = 2, base = 'character' }: BytePairOptions) {
    if (!Object.hasOwn(bases, base)) throw new ConfigError('BytePairEncoder', `there is no base '${String(base)}'`);
    if (!(Number.isInteger(merges) && merges >= 0)) {
      throw new ConfigError('BytePairEncoder', `merges is ${merges}`, 'give a whole number from 0');
    }
    const counts = new Map<string, number>();
    for (const text of texts) {
      for (const word of wordsOf(text.normalize('NFC'))) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    if (counts.size === 0)
      throw new ConfigError('BytePairEncoder', 'the corpus has no text', 'give texts to learn from');
    const words = [...counts].map(([word, count]) => ({ pieces: bases[base].split(word), count }));
    const learnt: [string, string][] = [];
    const pairs = new PairCounts();
    for (const [i, { pieces, count }] of words.entries()) pairs.add(pieces, count, i);
    while (learnt.length < merges) {
      const best = pairs.mostFrequent();
      if (best === undefined || best.count < minFrequency) break;
      const [left, right] = best.pair.split(SEPARATOR) as [string, string];
      learnt.push([left, right]);
      for (const i of best.words) {
        const word = words[i]!;
        pairs.add(word.pieces, -word.count, i);
        word.pieces = mergeAll(word.pieces, left, right);
        pairs.add(word.pieces, word.count, i);
      }
    }
    return new BytePairEncoder(base, learnt);
  }

  /** @throws FormatError for what `toJSON` did not write */
  static fromJSON(json: BytePairJSON): BytePairEncoder {
    const isPair = (pair: unknown) =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
    if (!Object.hasOwn(bases, json?.base) || !Array.isArray(json.merges) || !json.merges.every(isPair)) {
      throw new FormatError('a byte-pair encoder is saved with its base and its merges, which this is not');
    }
    return new BytePairEncoder(json.base, json.merges);
  }

  encode(text: string): string[] {
    return wordsOf(text.normalize('NFC')).flatMap((word) => this.#piecesOf(word));
  }

  decode(pieces: readonly string[]): string {
    return textOf([bases[this.base].join(pieces)]).normalize('NFC');
  }

  toJSON(): BytePairJSON {
    return { kind: 'byte-pair', base: this.base, merges: this.merges.map(([left, right]) => [left, right]) };
  }

  #piecesOf(word: string): readonly string[] {
    let pieces = this.#known.get(word);
    if (pieces === undefined) {
      pieces = this.#merge(bases[this.base].split(word));
      if (this.#known.size >= 10_000) this.#known.clear();
      this.#known.set(word, pieces);
    }
    return pieces;
  }

  /** Applies the merges in the order in which they were learnt. */
  #merge(pieces: string[]): string[] {
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 1; i < pieces.length; i++) {
        const rank = this.#ranks.get(pieces[i - 1]! + SEPARATOR + pieces[i]!);
        if (rank !== undefined && rank < best) best = rank;
      }
      if (best === Number.POSITIVE_INFINITY) return pieces;
      pieces = mergeAll(pieces, ...this.merges[best]!);
    }
  }
}

/** Pieces with every pair of these two neighbours made one. */
function mergeAll(pieces: readonly string[], left: string, right: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] === left && pieces[i + 1] === right) {
      merged.push(left + right);
      i++;
    } else merged.push(pieces[i]!);
  }
  return merged;
}

/** How often each pair of neighbours occurs, and in which words. */
class PairCounts {
  readonly #counts = new Map<string, number>();
  readonly #words = new Map<string, Map<number, number>>();

  /** Counts the pairs of a word `count` times; a negative count takes them back. */
  add(pieces: readonly string[], count: number, word: number): void {
    for (let i = 1; i < pieces.length; i++) {
      const pair = pieces[i - 1]! + SEPARATOR + pieces[i]!;
      const total = (this.#counts.get(pair) ?? 0) + count;
      const places = this.#words.get(pair) ?? new Map<number, number>();
      const left = (places.get(word) ?? 0) + Math.sign(count);
      if (left === 0) places.delete(word);
      else places.set(word, left);
      if (total === 0) {
        this.#counts.delete(pair);
        this.#words.delete(pair);
      } else {
        this.#counts.set(pair, total);
        this.#words.set(pair, places);
      }
    }
  }

  mostFrequent(): { pair: string; count: number; words: number[] } | undefined {
    let pair: string | undefined;
    let most = 0;
    for (const [candidate, count] of this.#counts) {
      if (count > most || (count === most && pair !== undefined && candidate < pair)) [pair, most] = [candidate, count];
    }
    return pair === undefined ? undefined : { pair, count: most, words: [...this.#words.get(pair)!.keys()] };
  }
}
