import { ConfigError } from '@dl/core';

/** For each hypothesis one reference, or several. */
export type References = readonly (string | readonly string[])[];

/** References as lists, checked to be as many as the hypotheses. */
export function referenceLists(where: string, hypotheses: readonly string[], references: References): string[][] {
  if (hypotheses.length !== references.length) {
    throw new ConfigError(where, `there are ${hypotheses.length} hypotheses and ${references.length} references`);
  }
  if (hypotheses.length === 0) throw new ConfigError(where, 'there is nothing to compare');
  return references.map((reference, i) => {
    const list = typeof reference === 'string' ? [reference] : [...reference];
    if (list.length === 0) throw new ConfigError(where, `hypothesis ${i} has no reference`);
    return list;
  });
}
