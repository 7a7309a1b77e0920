import { type References, referenceLists } from './references';

/**
 * The share of hypotheses that are one of their references, letter for letter in NFC.
 *
 * @throws ConfigError where there is nothing to compare, or not as many of both
 */
export function exactMatch(hypotheses: readonly string[], references: References): number {
  const lists = referenceLists('exactMatch', hypotheses, references);
  const right = hypotheses.filter((text, i) =>
    lists[i]!.some((reference) => reference.normalize('NFC') === text.normalize('NFC')),
  );
  return right.length / hypotheses.length;
}
