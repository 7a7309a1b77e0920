import { mkdir, writeFile } from 'node:fs/promises';
import { key } from '@dl/core';
import { type Entry, pronouncingDictionary } from '../../../demo/src/chapters/seq2seq/pronouncing-dictionary.ts';

/** Letters of the words that are taken: long ones take long to learn. */
const LETTERS = 8;

/**
 * Writes `pronunciations.json`: `{ train, test }`, each a list of `[word, phonemes]`, the phonemes of ARPAbet without stress and
 * a space between. 4,000 and 400 words of up to 8 letters of the package `cmu-pronouncing-dictionary`, each with its first
 * pronunciation.
 */
export async function build(target: URL): Promise<void> {
  const { train, test } = pronouncingDictionary();
  const some = (entries: readonly Entry[], count: number, seed: number) => {
    const short = entries.filter(({ word }) => word.length <= LETTERS);
    return Array.from(key(seed).permutation(short.length).slice(0, count), (i) => {
      const { word, pronunciations } = short[i]!;
      return [word, pronunciations[0]!.join(' ')];
    });
  };
  await mkdir(target, { recursive: true });
  await writeFile(
    new URL('pronunciations.json', target),
    JSON.stringify({ train: some(train, 4_000, 0), test: some(test, 400, 1) }),
  );
}
