const INK = ' .:-=+*#%@';

/**
 * Draws the middle of a 28 x 28 digit, 24 x 24 pixels, in characters, which are twice as high as wide.
 *
 * @param pixels row by row, 0 (paper) to 1 (ink)
 */
export function drawDigit(pixels: ArrayLike<number>): string[] {
  return Array.from({ length: 12 }, (_, line) =>
    Array.from({ length: 24 }, (_, column) => {
      const at = (2 * line + 2) * 28 + column + 2;
      const mean = (pixels[at]! + pixels[at + 28]!) / 2;
      return INK[Math.min(INK.length - 1, Math.floor(mean * INK.length))];
    }).join(''),
  );
}

/** Drawings side by side, each under its caption. */
export function sideBySide(drawings: readonly { caption: string; lines: readonly string[] }[], gap = '  '): string {
  const width = Math.max(...drawings.map(({ lines }) => lines[0]!.length));
  const captions = drawings.map(({ caption }) => caption.padEnd(width)).join(gap);
  const rows = drawings[0]!.lines.map((_, i) => drawings.map(({ lines }) => lines[i]).join(gap));
  return [captions, ...rows].map((row) => row.trimEnd()).join('\n');
}
