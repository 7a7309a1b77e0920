import type { Alignment } from './alignment';
import { textWidth } from './text-width';

/** How the picture is drawn. */
export interface SvgOptions {
  /** Width and height of a cell, in pixels. @default 24 */
  cell?: number;
  /** Colour of a weight of 1; weights are its opacity. @default '#2563eb' */
  color?: string;
  /** What the picture shows, for those who cannot see it. @default 'What each written token looked at' */
  title?: string;
}

/** Tokens of the source along the top, those written down the side. The colour of the text is that of its surroundings. */
export function svgOf({ source, target, weights }: Alignment, options: SvgOptions = {}): string {
  const { cell = 24, color = '#2563eb', title = 'What each written token looked at' } = options;
  const size = Math.round(cell * 0.55);
  const room = (tokens: readonly string[]) =>
    Math.ceil(tokens.reduce((most, token) => Math.max(most, textWidth(token)), 1) * size * 0.65) + 8;
  const [left, top] = [room(target), room(source)];
  const [width, height] = [left + cell * source.length + 4, top + cell * target.length + 4];
  const columns = source.map((token, j) => {
    const x = left + cell * (j + 0.5) + size / 3;
    return `<text transform="translate(${number(x)} ${top - 4}) rotate(-90)">${escaped(token)}</text>`;
  });
  const rows = target.map((token, i) => {
    const y = top + cell * (i + 0.5) + size / 3;
    return `<text x="${left - 4}" y="${number(y)}" text-anchor="end">${escaped(token)}</text>`;
  });
  const cells = weights.flatMap((row, i) =>
    row.map((weight, j) => {
      const place = `x="${left + cell * j}" y="${top + cell * i}" width="${cell - 1}" height="${cell - 1}"`;
      const told = `${escaped(target[i]!)} ← ${escaped(source[j]!)}: ${weight.toFixed(3)}`;
      return `<rect ${place} fill="${escaped(color)}" fill-opacity="${weight.toFixed(3)}"><title>${told}</title></rect>`;
    }),
  );
  const frame = `x="${left - 1}" y="${top - 1}" width="${cell * source.length + 1}" height="${cell * target.length + 1}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="${size}" fill="currentColor">`,
    `<title>${escaped(title)}</title>`,
    `<rect ${frame} fill="none" stroke="currentColor" stroke-opacity="0.3"/>`,
    ...columns,
    ...rows,
    ...cells,
    '</svg>',
  ].join('\n');
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => named[character]!);
}
