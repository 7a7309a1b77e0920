import { dictionary } from 'cmu-pronouncing-dictionary';

/** A word, and the ways in which it is pronounced, as phonemes without their stress. */
export interface Entry {
  word: string;
  pronunciations: string[][];
}

/**
 * The words of the CMU Pronouncing Dictionary that are letters and apostrophes alone. One of twenty, by a hash of the word, is for
 * testing; all pronunciations of a word are on the same side.
 */
export function pronouncingDictionary(): { train: Entry[]; test: Entry[] } {
  const words = new Map<string, string[][]>();
  for (const [spelling, phonemes] of Object.entries(dictionary)) {
    const word = spelling.replace(/\(\d+\)$/, '');
    if (!/^[a-z']+$/.test(word)) continue;
    const pronunciation = phonemes.replaceAll(/\d/g, '').split(' ');
    const known = words.get(word) ?? [];
    if (!known.some((other) => other.join() === pronunciation.join())) known.push(pronunciation);
    words.set(word, known);
  }
  const entries = Array.from(words, ([word, pronunciations]) => ({ word, pronunciations }));
  return {
    train: entries.filter(({ word }) => hash(word) % 20 !== 0),
    test: entries.filter(({ word }) => hash(word) % 20 === 0),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
