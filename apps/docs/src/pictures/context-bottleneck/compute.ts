/** A text, what it should become, what was written with attention, and without. */
export type Written = readonly [source: string, target: string, looking: string, blind: string];

/** How many texts of some lengths are right to the last character. */
export interface Rate {
  /** The shortest source. */
  readonly from: number;
  /** The longest source. */
  readonly to: number;
  readonly count: number;
  /** Share with attention, from 0 to 1. */
  readonly looking: number;
  /** Share without. */
  readonly blind: number;
}

/** Exact matches by the length of the source, in at most `groups` groups of about as many texts each. */
export function ratesByLength(texts: readonly Written[], groups: number): Rate[] {
  const sorted = [...texts].sort((a, b) => a[0].length - b[0].length);
  const rates: Rate[] = [];
  for (let start = 0; start < sorted.length; ) {
    let end = Math.min(sorted.length, start + Math.ceil(sorted.length / groups));
    // Texts of one length stay together.
    while (end < sorted.length && sorted[end]![0].length === sorted[end - 1]![0].length) end++;
    const some = sorted.slice(start, end);
    const share = (at: 2 | 3) => some.filter((text) => text[at] === text[1]).length / some.length;
    rates.push({
      from: some[0]![0].length,
      to: some.at(-1)![0].length,
      count: some.length,
      looking: share(2),
      blind: share(3),
    });
    start = end;
  }
  return rates;
}

/** Which characters of what was written differ from what was wanted. */
export function wrongCharacters(written: string, wanted: string): boolean[] {
  return Array.from(written, (character, i) => character !== wanted[i]);
}
