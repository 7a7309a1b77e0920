/** What an example asks to be drawn: plain values, so that they travel from the worker to the page. */
export type Shown =
  | {
      readonly kind: 'line';
      readonly title: string;
      readonly series: Readonly<Record<string, number[]>>;
      readonly x?: number[];
      readonly xLabel?: string;
      readonly yLabel?: string;
    }
  | {
      readonly kind: 'heatmap';
      readonly title: string;
      readonly matrix: number[][];
      readonly rows?: readonly string[];
      readonly columns?: readonly string[];
    }
  | {
      readonly kind: 'images';
      readonly title: string;
      readonly pixels: number[][];
      readonly width: number;
      readonly height: number;
      readonly captions?: readonly string[];
    }
  | { readonly kind: 'scatter'; readonly title: string; readonly groups: Readonly<Record<string, [number, number][]>> }
  | { readonly kind: 'table'; readonly title: string; readonly rows: Readonly<Record<string, string | number>>[] };

/** Where an example's drawings and progress go: a page, or a terminal. */
export interface Stage {
  show(shown: Shown): void;
  progress(fraction: number, text: string): void;
}
