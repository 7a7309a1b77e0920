import { ConfigError } from '@dl/core';

/** How many tokens must be put in, left out or exchanged to make one sequence of another. Levenshtein 1966. */
export function editDistance<T>(from: readonly T[], to: readonly T[]): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (const [i, token] of from.entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (token === other ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length]!;
}

/**
 * The error rate of tokens: edits by tokens of the references, over the corpus. Of phonemes or characters it is their error rate, of
 * words the word error rate.
 *
 * @throws ConfigError where there is nothing to compare, or not as many of both
 */
export function errorRate<T>(hypotheses: readonly (readonly T[])[], references: readonly (readonly T[])[]): number {
  if (hypotheses.length !== references.length || references.every(({ length }) => length === 0)) {
    throw new ConfigError(
      'errorRate',
      `there are ${hypotheses.length} hypotheses, and ${references.length} references of ${references.flat().length} tokens`,
    );
  }
  const edits = hypotheses.reduce((sum, hypothesis, i) => sum + editDistance(hypothesis, references[i]!), 0);
  return edits / references.reduce((sum, { length }) => sum + length, 0);
}
