import { mkdir, writeFile } from 'node:fs/promises';
import { key } from '@dl/core';
import { koreanDates } from '../../../demo/src/chapters/seq2seq/korean-dates.ts';

/** The dates that examples learn from are among those that the translator of the site learnt from: one split for all. */
export const DATES = key(0);

/**
 * Writes `dates.json`: `{ train, test }`, each a list of `[korean, iso]`. Dates, ranges and durations as `Intl` writes them in
 * Korean; no day of the test is among those of the training.
 */
export async function build(target: URL): Promise<void> {
  await mkdir(target, { recursive: true });
  await writeFile(new URL('dates.json', target), JSON.stringify(koreanDates(DATES, { train: 6_000, test: 500 })));
}
