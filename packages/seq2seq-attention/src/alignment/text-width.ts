/** Characters that a terminal draws over two columns: Hangul, kana, Chinese characters, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
/** Characters that are drawn into the one before. */
const MARK = /^(\p{M}|[\u1160-\u11ff])/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns of a terminal that a text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += MARK.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1;
  return width;
}

/** A text filled up with spaces on the left. */
export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

/** A text cut or filled up on the right. */
export function fit(text: string, width: number): string {
  let cut = '';
  for (const { segment } of segmenter.segment(text)) {
    if (textWidth(cut + segment) > width) break;
    cut += segment;
  }
  return cut + ' '.repeat(Math.max(0, width - textWidth(cut)));
}
