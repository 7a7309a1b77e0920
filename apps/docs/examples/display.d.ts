/** What an example draws below its code. In Node, where there is no page, these print a line. */
declare module 'dl:display' {
  /** Draws series over their index, or over `x`. Called again with the same title it redraws: a chart that grows while training. */
  export function lineChart(
    title: string,
    series: Readonly<Record<string, ArrayLike<number>>>,
    options?: { readonly x?: ArrayLike<number>; readonly xLabel?: string; readonly yLabel?: string },
  ): void;

  /** Draws a matrix `[row][column]` as coloured cells, zero or less pale, the largest dark. */
  export function heatmap(
    title: string,
    matrix: readonly ArrayLike<number>[],
    options?: { readonly rows?: readonly string[]; readonly columns?: readonly string[] },
  ): void;

  /** Draws grey images of the same size side by side; pixels `[height * width]`, 0 is black and the largest white. */
  export function images(
    title: string,
    pixels: readonly ArrayLike<number>[],
    options: { readonly width: number; readonly height: number; readonly captions?: readonly string[] },
  ): void;

  /** Draws points in the plane, a colour for each group. */
  export function scatter(
    title: string,
    groups: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>>,
  ): void;

  /** Writes rows of named values as a table. */
  export function table(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void;

  /** Moves the progress bar. @param fraction from 0 to 1 */
  export function progress(fraction: number, text?: string): void;
}
