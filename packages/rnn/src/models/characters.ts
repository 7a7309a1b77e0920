import { ConfigError } from '@dl/core';

/**
 * The characters of a text as tokens: numbered in the order of their code points.
 *
 * @example
 * ```ts
 * import { Characters } from '@dl/rnn';
 *
 * const characters = Characters.of('hello');
 * characters.encode('hole'); // Int32Array [1, 3, 2, 0]
 * characters.decode([1, 0]); // 'he'
 * ```
 */
export class Characters {
  /** The characters, by token. */
  readonly all: readonly string[];
  readonly #tokens: ReadonlyMap<string, number>;

  /** @throws ConfigError where a character comes twice */
  constructor(all: readonly string[]) {
    this.all = [...all];
    this.#tokens = new Map(this.all.map((character, token) => [character, token]));
    if (this.#tokens.size < this.all.length) {
      throw new ConfigError(
        'Characters',
        'a character is listed twice',
        'Characters.of(text) lists those of a text once',
      );
    }
  }

  /** Those that occur in a text. */
  static of(text: string): Characters {
    return new Characters([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
  }

  /** How many there are: the `vocabulary` of a model. */
  get size(): number {
    return this.all.length;
  }

  /** @throws ConfigError for a character that is not among them */
  encode(text: string): Int32Array {
    return Int32Array.from([...text], (character) => {
      const token = this.#tokens.get(character);
      if (token !== undefined) return token;
      throw new ConfigError('Characters', `there is no token for ${JSON.stringify(character)}`);
    });
  }

  /** @throws ConfigError for a token that is none */
  decode(tokens: ArrayLike<number>): string {
    return Array.from(tokens, (token) => {
      const character = this.all[token];
      if (character !== undefined) return character;
      throw new ConfigError('Characters', `token ${token} is not from 0 to ${this.size - 1}`);
    }).join('');
  }

  /** The characters, for `new Characters(...)`. */
  toJSON(): readonly string[] {
    return this.all;
  }
}
