import type { Alignment } from './alignment';
import { fit, padLeft, textWidth } from './text-width';

/** How a heat map is drawn. */
export interface HeatMapOptions {
  /** Columns of a token of the source. @default that of the widest, 4 at most */
  cell?: number;
}

const SHADES = [' ', '·', '░', '▒', '▓', '█'];

/** Tokens of the source from left to right, those written from top to bottom; the darker, the more was looked at. */
export function heatMap({ source, target, weights }: Alignment, options: HeatMapOptions = {}): string {
  const shown = (token: string) => (token.trim() === '' ? '␣' : token);
  const columns = source.map(shown);
  const rows = target.map(shown);
  const widest = columns.reduce((most, token) => Math.max(most, textWidth(token)), 1);
  const cell = Math.max(1, options.cell ?? Math.min(4, widest));
  const margin = rows.reduce((most, token) => Math.max(most, textWidth(token)), 0);
  const head = `${' '.repeat(margin)}  ${columns.map((token) => fit(token, cell)).join(' ')}`;
  const lines = rows.map((token, i) => {
    const cells = weights[i]!.map((weight) => shadeOf(weight).repeat(cell));
    return `${padLeft(token, margin)}  ${cells.join(' ')}`;
  });
  return [head, ...lines].map((line) => line.trimEnd()).join('\n');
}

/** Zero is blank, one is full. */
function shadeOf(weight: number): string {
  const share = Math.max(0, Math.min(1, weight));
  return SHADES[share < 0.02 ? 0 : 1 + Math.min(4, Math.floor(share * 5))]!;
}
