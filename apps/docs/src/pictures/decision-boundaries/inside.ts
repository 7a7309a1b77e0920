/**
 * Where a field over a grid is above zero, as the path of an SVG; borders lie where the field, linear between the places of
 * the grid, is zero.
 *
 * @param field `[row * size + column]`, rows from the bottom up
 * @param size places along each side
 * @param extent width and height of the picture
 */
export function inside(field: ArrayLike<number>, size: number, extent: number): string {
  const cell = extent / (size - 1);
  const parts: string[] = [];
  const point = (column: number, row: number) => `${short(column * cell)} ${short(extent - row * cell)}`;
  for (let row = 0; row < size - 1; row++) {
    for (let column = 0; column < size - 1; column++) {
      // The four corners, around.
      const corners = [
        [column, row],
        [column + 1, row],
        [column + 1, row + 1],
        [column, row + 1],
      ] as const;
      const values = corners.map(([c, r]) => field[r * size + c]!);
      if (values.every((value) => value < 0)) continue;
      const outline: string[] = [];
      for (const [i, [c, r]] of corners.entries()) {
        const [value, next] = [values[i]!, values[(i + 1) % 4]!];
        if (value >= 0) outline.push(point(c, r));
        if (value >= 0 !== next >= 0) {
          const [c2, r2] = corners[(i + 1) % 4]!;
          const share = value / (value - next);
          outline.push(point(c + share * (c2 - c), r + share * (r2 - r)));
        }
      }
      parts.push(`M${outline.join('L')}Z`);
    }
  }
  return parts.join('');
}

const short = (value: number) => String(Math.round(value * 10) / 10);
