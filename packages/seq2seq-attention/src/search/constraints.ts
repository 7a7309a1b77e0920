import { ConfigError } from '@dl/core';
import { type Node, tokensOf } from './hypothesis';

/** What a search may write. */
export interface SearchOptions {
  /** Tokens at most, `</s>` not counted: after so many the end is forced. @default 100 */
  maxLength?: number | undefined;
  /** Tokens at least, `</s>` not counted. @default 0 */
  minLength?: number | undefined;
  /** Sequences of so many tokens must not occur twice. @default none */
  noRepeatNgram?: number | undefined;
  /** Sequences of tokens that must not occur; one token alone is never written. @default none */
  forbidden?: readonly (readonly number[])[] | undefined;
  /** What each target must begin with, one for each source or the same for all. @default nothing */
  prefix?: readonly number[] | readonly (readonly number[])[] | undefined;
  /** Whether what was looked at is given with each hypothesis. @default false */
  needWeights?: boolean | undefined;
  /** The number of `<pad>`, which is never written. @default 0 */
  pad?: number | undefined;
  /** The number of `<s>`, which is never written. @default 2 */
  bos?: number | undefined;
  /** The number of `</s>`. @default 3 */
  eos?: number | undefined;
}

/** The options of a search, checked and complete. */
export class Constraints {
  readonly maxLength: number;
  readonly minLength: number;
  readonly needWeights: boolean;
  readonly bos: number;
  readonly eos: number;
  readonly #pad: number;
  readonly #noRepeat: number;
  readonly #forbidden: readonly (readonly number[])[];
  readonly #prefix: readonly (readonly number[])[] | readonly number[];

  /** @throws ConfigError for options that cannot be */
  constructor(where: string, options: SearchOptions, targetSize: number, sources: number) {
    const { maxLength = 100, minLength = 0, noRepeatNgram = 0, forbidden = [], prefix = [] } = options;
    const { needWeights = false, pad = 0, bos = 2, eos = 3 } = options;
    const counts = { maxLength, minLength, noRepeatNgram };
    for (const [name, value] of Object.entries(counts)) {
      if (!Number.isInteger(value) || value < 0) {
        throw new ConfigError(where, `${name} is ${value}`, 'give a whole number from 0');
      }
    }
    if (minLength > maxLength) {
      throw new ConfigError(where, `minLength is ${minLength} and maxLength ${maxLength}: no target has such a length`);
    }
    const perSource = Array.isArray(prefix[0]);
    if (perSource && prefix.length !== sources) {
      throw new ConfigError(where, `${prefix.length} prefixes are given for ${sources} sources`);
    }
    const all = [
      ...forbidden,
      ...(perSource ? (prefix as readonly (readonly number[])[]) : [prefix as readonly number[]]),
    ];
    for (const token of [...all.flat(), pad, bos, eos]) {
      if (!Number.isInteger(token) || token < 0 || token >= targetSize) {
        throw new ConfigError(where, `${token} is not one of the ${targetSize} tokens of the target vocabulary`);
      }
    }
    for (const tokens of forbidden) {
      if (tokens.length === 0) throw new ConfigError(where, 'a forbidden sequence is empty', 'leave it out');
    }
    this.maxLength = maxLength;
    this.minLength = minLength;
    this.needWeights = needWeights;
    this.bos = bos;
    this.eos = eos;
    this.#pad = pad;
    this.#noRepeat = noRepeatNgram;
    this.#forbidden = forbidden;
    this.#prefix = prefix;
  }

  /**
   * Sets the scores of tokens that must not follow a node to -Infinity, in place.
   *
   * @param scores of all tokens, at `from`
   * @param node the token before; undefined at the start
   */
  apply(scores: Float32Array, from: number, size: number, node: Node | undefined, source: number): void {
    const length = node?.length ?? 0;
    const prefix = (Array.isArray(this.#prefix[0]) ? this.#prefix[source] : this.#prefix) as readonly number[];
    const only = length < prefix.length ? prefix[length] : length >= this.maxLength ? this.eos : undefined;
    if (only !== undefined) {
      const kept = scores[from + only]!;
      scores.fill(Number.NEGATIVE_INFINITY, from, from + size);
      scores[from + only] = kept;
      return;
    }
    const forbid = (token: number) => {
      scores[from + token] = Number.NEGATIVE_INFINITY;
    };
    forbid(this.#pad);
    forbid(this.bos);
    if (length < this.minLength) forbid(this.eos);
    if (this.#noRepeat === 0 && this.#forbidden.length === 0) return;
    const tokens = tokensOf(node, this.eos);
    for (const sequence of this.#forbidden) {
      const start = sequence.slice(0, -1);
      if (endsWith(tokens, start)) forbid(sequence.at(-1)!);
    }
    if (this.#noRepeat > 0 && tokens.length >= this.#noRepeat) {
      const last = this.#noRepeat === 1 ? [] : tokens.slice(1 - this.#noRepeat);
      for (let at = 0; at + last.length < tokens.length; at++) {
        if (last.every((token, i) => tokens[at + i] === token)) forbid(tokens[at + last.length]!);
      }
    }
  }
}

function endsWith(tokens: readonly number[], end: readonly number[]): boolean {
  return end.length <= tokens.length && end.every((token, i) => tokens[tokens.length - end.length + i] === token);
}
