import { Param } from '@dl/core';
import { add, dispose, grads, mul, square, sub, type Tensor, tensor, tidy } from '@dl/core/ops';
import { sgd } from '@dl/core/optim';

/** A height over the plane, and the part of the plane that is looked at. */
export interface Surface {
  /** The height at points `x`, `y` of one shape. */
  readonly height: (x: Tensor, y: Tensor) => Tensor;
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
  readonly minimum: readonly [x: number, y: number];
  readonly start: readonly [x: number, y: number];
}

export type SurfaceName = 'bowl' | 'ravine' | 'rosenbrock';

/** The surfaces by name: as easy, as long and narrow, and as bent as surfaces get. */
export const surfaces: Readonly<Record<SurfaceName, Surface>> = {
  bowl: {
    height: (x, y) => add(square(x), square(y)),
    x: [-3, 3],
    y: [-2, 2],
    minimum: [0, 0],
    start: [-2.5, 1.5],
  },
  ravine: {
    height: (x, y) => add(mul(square(x), 1 / 20), square(y)),
    x: [-9, 9],
    y: [-6, 6],
    minimum: [0, 0],
    start: [-7, 2],
  },
  rosenbrock: {
    height: (x, y) => add(square(sub(1, x)), mul(square(sub(y, square(x))), 100)),
    x: [-2.1, 2.1],
    y: [-0.8, 2],
    minimum: [1, 1],
    start: [-1.2, 1],
  },
};

/** A point on the way, and how high it lies. */
export interface PathPoint {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** A way down: it ends early where the height has left every bound. */
export interface Path {
  readonly points: readonly PathPoint[];
  readonly diverged: boolean;
}

const most = 1e6;

/** Walks down from a point with the optimizer and the gradients that also train networks. */
export function descend(
  { height }: Surface,
  start: readonly [x: number, y: number],
  options: { readonly lr: number; readonly momentum: number; readonly steps: number },
): Path {
  const place = new Map(start.map((at, i) => ['xy'[i]!, new Param(tensor([at]))]));
  const [x, y] = [...place.values()] as [Param, Param];
  const optimizer = sgd({ lr: options.lr, momentum: options.momentum });
  const slopes = grads((...at: Tensor[]) => height(at[0]!, at[1]!));
  const here = (): PathPoint =>
    tidy(() => ({
      x: x.value.dataSync()[0]!,
      y: y.value.dataSync()[0]!,
      height: height(x.value, y.value).dataSync()[0]!,
    }));
  try {
    const points = [here()];
    for (let step = 0; step < options.steps; step++) {
      tidy(() => {
        const [dx, dy] = slopes([x.value, y.value]) as [Tensor, Tensor];
        optimizer.step(place, new Map(Object.entries({ x: dx, y: dy })));
      });
      const point = here();
      if (!(Math.abs(point.height) < most)) return { points, diverged: true };
      points.push(point);
    }
    return { points, diverged: false };
  } finally {
    optimizer.dispose();
    dispose([x.value, y.value]);
  }
}

/** The heights on a grid, row by row from the lowest `y`. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly heights: Float32Array;
}

/** The heights of the part that is looked at, all by one call of the function that is walked down. */
export function heightsOf({ height, x, y }: Surface, columns: number, rows: number): Grid {
  const along = ([low, high]: readonly [number, number], i: number, count: number) =>
    low + ((high - low) * i) / (count - 1);
  return tidy(() => {
    const xs = Float32Array.from({ length: columns * rows }, (_, i) => along(x, i % columns, columns));
    const ys = Float32Array.from({ length: columns * rows }, (_, i) => along(y, Math.floor(i / columns), rows));
    return { columns, rows, heights: height(tensor(xs), tensor(ys)).dataSync().slice() as Float32Array };
  });
}

/** Heights of contour lines: squares of even steps, so that they lie as close on a slope as at the bottom. */
export function levelsOf({ heights }: Grid, count: number): number[] {
  const [low, high] = heights.reduce(([l, h], it) => [Math.min(l, it), Math.max(h, it)], [Infinity, -Infinity]);
  return Array.from({ length: count }, (_, i) => low + (high - low) * ((i + 0.5) / count) ** 3);
}

type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** The contour line at a level, as segments in steps of the grid (marching squares). */
export function contour({ columns, rows, heights }: Grid, level: number): Segment[] {
  const segments: Segment[] = [];
  const at = (column: number, row: number) => heights[row * columns + column]! - level;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corners = [
        [column, row],
        [column + 1, row],
        [column + 1, row + 1],
        [column, row + 1],
      ] as const;
      const crossings: [number, number][] = [];
      for (let edge = 0; edge < 4; edge++) {
        const [from, to] = [corners[edge]!, corners[(edge + 1) % 4]!];
        const [a, b] = [at(...from), at(...to)];
        if (a < 0 === b < 0) continue;
        const share = a / (a - b);
        crossings.push([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]);
      }
      for (let i = 0; i + 1 < crossings.length; i += 2) segments.push([...crossings[i]!, ...crossings[i + 1]!]);
    }
  }
  return segments;
}
