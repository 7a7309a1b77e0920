// Words for the search, the same when pages are indexed and when a question is asked. Korean joins words into compounds and
// adds particles, so no list of its words finds 신경망 in 순환신경망을: every pair of neighbouring syllables counts as a word.

/** A run of Hangul, or a run of any other letters and digits. */
const run = /[가-힣]+|(?:(?![가-힣])[\p{L}\p{N}_])+/gu;

// What a Korean keyboard shows while a syllable is half typed: ㅅ.
const halfTyped = /[\u3131-\u318e]+/g;

function normal(text: string): string {
  return text.replace(halfTyped, ' ').normalize('NFKC');
}

const pairs = (syllables: string): string[] =>
  Array.from({ length: syllables.length - 1 }, (_, i) => syllables.slice(i, i + 2));

/** `scoreSamples` as `score`, `samples`; nothing for what has one part. */
function partsOf(name: string): readonly string[] {
  const parts = name.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu) ?? [];
  return parts.length > 1 ? parts : [];
}

/** What a page is found by: words and the parts of names, for Hangul the pairs of syllables and the last syllable. */
export function indexTokens(text: string): string[] {
  return (normal(text).match(run) ?? []).flatMap((it) =>
    /^[가-힣]/.test(it) ? [...pairs(it), it.slice(-1)] : [it, ...partsOf(it)].map((word) => word.toLowerCase()),
  );
}

/** What a question is asked with: words, for Hangul the pairs of syllables, or the one syllable there is. */
export function queryTokens(text: string): string[] {
  return (normal(text).match(run) ?? []).flatMap((it) =>
    /^[가-힣]/.test(it) ? (it.length === 1 ? [it] : pairs(it)) : [it.toLowerCase()],
  );
}
