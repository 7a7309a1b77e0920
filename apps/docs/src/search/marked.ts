/** The pieces of a text, with those that a word of the question begins or, in Hangul, is in. */
export function marked(text: string, question: string): readonly { readonly text: string; readonly hit: boolean }[] {
  const words = (question.normalize('NFKC').match(/[\p{L}\p{N}_]+/gu) ?? []).sort((a, b) => b.length - a.length);
  if (words.length === 0) return [{ text, hit: false }];
  const pattern = words.map((word) => (/[가-힣]/.test(word) ? word : `(?<![\\p{L}\\p{N}])${word}`)).join('|');
  return text
    .split(new RegExp(`(${pattern})`, 'giu'))
    .map((piece, i) => ({ text: piece, hit: i % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}
