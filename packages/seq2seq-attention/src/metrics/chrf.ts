import { matchesOf, ngramCounts, totalOf } from './ngrams';
import { type References, referenceLists } from './references';

/** Options of `chrf`. */
export interface ChrfOptions {
  /** The longest runs of characters. @default 6 */
  charOrder?: number;
  /** The longest runs of words: 2 is chrF++. @default 0 */
  wordOrder?: number;
  /** How much more recall weighs than precision. @default 2 */
  beta?: number;
}

/** Counts of one order: of the hypothesis, of the reference, of both. */
type Counts = [hypothesis: number, reference: number, matches: number];

const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/**
 * chrF of a corpus, from 0 to 100: the F-score of runs of 1 to 6 characters, white space left out. Popović 2015, by the definitions
 * of sacreBLEU. It needs no words, which suits Korean.
 *
 * @param hypotheses what was written
 * @param references what should have been written: for each one text or several, of which the one with the best score counts
 * @throws ConfigError where there is nothing to compare, or not as many of both
 *
 * @example
 * ```ts
 * import { chrf } from '@dl/seq2seq-attention';
 *
 * chrf(['서울'], ['서울']); // 100
 * ```
 */
export function chrf(hypotheses: readonly string[], references: References, options: ChrfOptions = {}): number {
  const { charOrder = 6, wordOrder = 0, beta = 2 } = options;
  const lists = referenceLists('chrf', hypotheses, references);
  const ngramsOf = (text: string) => {
    const characters = [...text].filter((character) => character.trim() !== '');
    const words = wordOrder > 0 ? wordsOf(text) : [];
    return [
      ...Array.from({ length: charOrder }, (_, n) => ngramCounts(characters, n + 1)),
      ...Array.from({ length: wordOrder }, (_, n) => ngramCounts(words, n + 1)),
    ];
  };
  const sums = Array.from({ length: charOrder + wordOrder }, (): Counts => [0, 0, 0]);
  for (const [i, hypothesis] of hypotheses.entries()) {
    const written = ngramsOf(hypothesis);
    let best: Counts[] | undefined;
    let bestScore = -1;
    for (const reference of lists[i]!) {
      const counts = ngramsOf(reference).map((wanted, n): Counts => {
        const all = totalOf(wanted);
        return [all > 0 ? totalOf(written[n]!) : 0, all, matchesOf(written[n]!, wanted)];
      });
      const score = scoreOf(counts, beta);
      if (score > bestScore) [best, bestScore] = [counts, score];
    }
    for (const [n, counts] of best!.entries()) for (const at of counts.keys()) sums[n]![at]! += counts[at]!;
  }
  return scoreOf(sums, beta);
}

/** The F-score of the mean precision and recall over the orders that both have. */
function scoreOf(counts: readonly Counts[], beta: number): number {
  const usable = counts.filter(([hypothesis, reference]) => hypothesis > 0 && reference > 0);
  if (usable.length === 0) return 0;
  const precision = usable.reduce((sum, [hypothesis, , matches]) => sum + matches / hypothesis, 0) / usable.length;
  const recall = usable.reduce((sum, [, reference, matches]) => sum + matches / reference, 0) / usable.length;
  const factor = beta ** 2;
  return precision + recall > 0 ? (100 * (1 + factor) * precision * recall) / (factor * precision + recall) : 0;
}

/** Words with a sign at their end or start cut off. */
function wordsOf(text: string): string[] {
  return text
    .split(/\s+/u)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const characters = [...word];
      if (characters.length === 1) return [word];
      if (PUNCTUATION.has(characters.at(-1)!)) return [characters.slice(0, -1).join(''), characters.at(-1)!];
      return PUNCTUATION.has(characters[0]!) ? [characters[0]!, characters.slice(1).join('')] : [word];
    });
}
