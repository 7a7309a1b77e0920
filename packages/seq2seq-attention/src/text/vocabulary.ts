import { ConfigError, FormatError } from '@dl/core';

/** How a vocabulary is made. */
export interface VocabularyOptions {
  /** Tokens at most, the special ones included: the most frequent ones. @default all */
  size?: number;
  /** Rarer tokens are left out. @default 1 */
  minFrequency?: number;
}

/** A vocabulary as JSON. */
export interface VocabularyJSON {
  tokens: string[];
}

const SPECIAL_TOKENS = ['<pad>', '<unk>', '<s>', '</s>'];

/**
 * Tokens and their numbers. The first four are `<pad>`, `<unk>`, `<s>` and `</s>`.
 *
 * @example
 * ```ts
 * import { Vocabulary } from '@dl/seq2seq-attention';
 *
 * const vocabulary = Vocabulary.of([['a', 'b'], ['b']]);
 * vocabulary.encode(['a', 'b', 'x']); // [5, 4, 1]
 * vocabulary.decode([5, 4]).join(''); // 'ab'
 * ```
 */
export class Vocabulary {
  /** The number of `<pad>`. */
  readonly pad = 0;
  /** The number of `<unk>`. */
  readonly unk = 1;
  /** The number of `<s>`. */
  readonly bos = 2;
  /** The number of `</s>`. */
  readonly eos = 3;
  readonly #tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /** @param tokens in the order of their numbers, without the special ones */
  constructor(tokens: readonly string[]) {
    this.#tokens = [...SPECIAL_TOKENS, ...tokens];
    this.#ids = new Map(this.#tokens.map((token, id) => [token, id]));
    if (this.#ids.size !== this.#tokens.length) {
      const twice = this.#tokens.find((token, id) => this.#ids.get(token) !== id);
      throw new ConfigError('Vocabulary', `the token '${twice}' occurs twice`);
    }
  }

  /**
   * The vocabulary of sequences of tokens: the most frequent first, equally frequent ones in the order of code units.
   *
   * @throws ConfigError where there are no tokens
   */
  static of(sequences: Iterable<readonly string[]>, { size, minFrequency = 1 }: VocabularyOptions = {}): Vocabulary {
    const counts = new Map<string, number>();
    for (const tokens of sequences) for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const token of SPECIAL_TOKENS) counts.delete(token);
    if (counts.size === 0) throw new ConfigError('Vocabulary', 'the corpus has no tokens', 'give texts to learn from');
    const most = size === undefined ? Number.POSITIVE_INFINITY : size - SPECIAL_TOKENS.length;
    if (!(most >= 1)) {
      throw new ConfigError('Vocabulary', `size is ${size}`, `${SPECIAL_TOKENS.length} tokens are special`);
    }
    const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const kept = sorted.filter(([, count]) => count >= minFrequency).slice(0, most);
    return new Vocabulary(kept.map(([token]) => token));
  }

  /** @throws FormatError for what `toJSON` did not write */
  static fromJSON(json: VocabularyJSON): Vocabulary {
    const { tokens } = json ?? {};
    if (!Array.isArray(tokens) || !tokens.every((token) => typeof token === 'string')) {
      throw new FormatError('a vocabulary is saved as its tokens, which this is not');
    }
    return new Vocabulary(tokens);
  }

  /** How many tokens there are, the special ones included. */
  get size(): number {
    return this.#tokens.length;
  }

  /** The tokens in the order of their numbers. */
  get tokens(): readonly string[] {
    return this.#tokens;
  }

  /** Whether there is such a token. */
  has(token: string): boolean {
    return this.#ids.has(token);
  }

  /** The number of a token, that of `<unk>` where it is not known. */
  idOf(token: string): number {
    return this.#ids.get(token) ?? this.unk;
  }

  /** @throws ConfigError for a number that no token has */
  tokenOf(id: number): string {
    const token = this.#tokens[id];
    if (token === undefined) {
      throw new ConfigError('Vocabulary', `there is no token ${id}, they go from 0 to ${this.size - 1}`);
    }
    return token;
  }

  /**
   * The numbers of tokens.
   *
   * @param options `unknown`: `'error'` refuses tokens that are not known, which otherwise become `<unk>`
   * @throws ConfigError naming the token
   */
  encode(tokens: readonly string[], { unknown = 'unk' }: { unknown?: 'unk' | 'error' } = {}): Int32Array {
    return Int32Array.from(tokens, (token, i) => {
      const id = this.#ids.get(token);
      if (id === undefined && unknown === 'error') {
        throw new ConfigError('Vocabulary', `token ${i}, '${token}', is not one of the ${this.size} tokens`);
      }
      return id ?? this.unk;
    });
  }

  /** The tokens of numbers, up to the first `</s>`; padding and `<s>` are left out. */
  decode(ids: ArrayLike<number>): string[] {
    const tokens: string[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (id === this.eos) break;
      if (id !== this.pad && id !== this.bos) tokens.push(this.tokenOf(id));
    }
    return tokens;
  }

  /** What `fromJSON` takes back. */
  toJSON(): VocabularyJSON {
    return { tokens: this.#tokens.slice(SPECIAL_TOKENS.length) };
  }
}
