import { ConfigError } from '@dl/core';
import { matchesOf, ngramCounts, totalOf } from './ngrams';
import { type References, referenceLists } from './references';

/** How texts are cut into words: mteval's 13a, every character by itself, or at white space. */
export type BleuTokenizer = '13a' | 'char' | 'none';

/** Options of `bleu`. */
export interface BleuOptions {
  /** `char` for languages without spaces, and for Korean, whose words are long. @default '13a' */
  tokenize?: BleuTokenizer;
  /** Whether texts are compared in lower case. @default false */
  lowercase?: boolean;
  /** Whether orders of which there are no n-grams are left out; for single sentences. @default false */
  effectiveOrder?: boolean;
}

const ORDERS = 4;

const tokenizers: Record<BleuTokenizer, (text: string) => string[]> = {
  '13a': (text) =>
    words(
      ` ${text
        .replaceAll('<skipped>', '')
        .replaceAll('-\n', '')
        .replaceAll('\n', ' ')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')} `
        .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
        .replace(/([^0-9])([.,])/g, '$1 $2 ')
        .replace(/([.,])([^0-9])/g, ' $1 $2')
        .replace(/([0-9])(-)/g, '$1 $2 '),
    ),
  char: (text) => [...text].filter((character) => character.trim() !== ''),
  none: words,
};

function words(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

/**
 * BLEU of a corpus, from 0 to 100: the geometric mean of the shares of n-grams, n from 1 to 4, that a reference has too, times a
 * penalty for texts that are too short. Papineni et al. 2002, by the definitions of sacreBLEU: tokeniser 13a, counts over the
 * corpus, exponential smoothing.
 *
 * @param hypotheses what was written
 * @param references what should have been written: for each one text or several
 * @throws ConfigError where there is nothing to compare, or not as many of both
 *
 * @example
 * ```ts
 * import { bleu } from '@dl/seq2seq-attention';
 *
 * bleu(['the cat is on the mat'], ['the cat is on the mat']); // 100
 * ```
 */
export function bleu(hypotheses: readonly string[], references: References, options: BleuOptions = {}): number {
  const { tokenize = '13a', lowercase = false, effectiveOrder = false } = options;
  if (!Object.hasOwn(tokenizers, tokenize)) {
    throw new ConfigError('bleu', `there is no tokeniser '${String(tokenize)}'`, '13a, char or none');
  }
  const lists = referenceLists('bleu', hypotheses, references);
  const cut = (text: string) => tokenizers[tokenize](lowercase ? text.toLowerCase() : text);
  const correct = Array<number>(ORDERS).fill(0);
  const total = Array<number>(ORDERS).fill(0);
  let length = 0;
  let referenceLength = 0;
  for (const [i, hypothesis] of hypotheses.entries()) {
    const written = cut(hypothesis);
    const wanted = lists[i]!.map(cut);
    length += written.length;
    referenceLength += closestLength(written.length, wanted);
    for (let n = 1; n <= ORDERS; n++) {
      const counts = ngramCounts(written, n);
      // Of several references each n-gram counts as often as it occurs in the one that has it most.
      const most = new Map<string, number>();
      for (const reference of wanted) {
        for (const [ngram, count] of ngramCounts(reference, n)) most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
      }
      correct[n - 1]! += matchesOf(counts, most);
      total[n - 1]! += totalOf(counts);
    }
  }
  if (correct.every((count) => count === 0)) return 0;
  const brevity = length >= referenceLength ? 1 : Math.exp(1 - referenceLength / length);
  let sum = 0;
  let orders = 0;
  let smoothing = 1;
  for (let n = 0; n < ORDERS; n++) {
    if (total[n] === 0) {
      if (effectiveOrder) break;
      return 0;
    }
    if (correct[n] === 0) smoothing *= 2;
    sum += Math.log(correct[n] === 0 ? 100 / (smoothing * total[n]!) : (100 * correct[n]!) / total[n]!);
    orders++;
  }
  return brevity * Math.exp(sum / orders);
}

/** The length of the reference that is closest; of two, the shorter. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length);
  return lengths.reduce((best, candidate) => {
    const [a, b] = [Math.abs(candidate - length), Math.abs(best - length)];
    return a < b || (a === b && candidate < best) ? candidate : best;
  });
}
