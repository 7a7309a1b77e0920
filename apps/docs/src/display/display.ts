import type * as Display from 'dl:display';
import type { Stage } from './shown.ts';

const numbers = (values: ArrayLike<number>): number[] => Array.from(values, Number);

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

/** The module `dl:display` for one stage: checks what the example gives and turns it into plain values. */
export function displayOn(stage: Stage): typeof Display {
  return {
    lineChart(title, series, { x, ...labels } = {}) {
      const drawn = mapValues(series, numbers);
      const lengths = new Set([...Object.values(drawn), ...(x ? [x] : [])].map((it) => it.length));
      if (x && lengths.size > 1) {
        throw new RangeError(`lineChart "${title}": x and all series need one length, got ${[...lengths].join(', ')}`);
      }
      stage.show({ kind: 'line', title, series: drawn, ...(x ? { x: numbers(x) } : {}), ...labels });
    },
    heatmap(title, matrix, options = {}) {
      stage.show({ kind: 'heatmap', title, matrix: matrix.map(numbers), ...options });
    },
    images(title, pixels, options) {
      const size = options.width * options.height;
      const wrong = pixels.findIndex((it) => it.length !== size);
      if (wrong >= 0) {
        throw new RangeError(
          `images "${title}": image ${wrong} has ${pixels[wrong]?.length} pixels, ${options.height} x ${options.width} needs ${size}`,
        );
      }
      stage.show({ kind: 'images', title, pixels: pixels.map(numbers), ...options });
    },
    scatter(title, groups) {
      const drawn = mapValues(groups, (points) => points.map(([x, y]): [number, number] => [x, y]));
      stage.show({ kind: 'scatter', title, groups: drawn });
    },
    table(title, rows) {
      stage.show({ kind: 'table', title, rows: rows.map((row) => ({ ...row })) });
    },
    progress(fraction, text = '') {
      stage.progress(Math.min(1, Math.max(0, fraction)), text);
    },
  };
}
