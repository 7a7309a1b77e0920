import { key } from '@dl/core';
import type { Placed, Point } from './compute';

/** What the reader finds: two groups of the usual, of different density, some planted outliers, and a few new points. */
export function firstPoints(): Placed[] {
  const group = (name: string, count: number, [x, y]: Point, spread: number): Placed[] => {
    const values = key(4)
      .child(name)
      .normal(2 * count);
    return Array.from({ length: count }, (_, i) => ({
      at: [inRange(x + spread * values[2 * i]!), inRange(y + spread * values[2 * i + 1]!)],
      kind: 'normal',
    }));
  };
  const planted: Point[] = [
    [0.1, 0.88],
    [0.55, 0.5],
    [0.92, 0.12],
    [0.9, 0.18],
  ];
  const fresh: Point[] = [
    [0.3, 0.33],
    [0.5, 0.92],
    [0.72, 0.6],
  ];
  return [
    ...group('dense', 35, [0.3, 0.3], 0.05),
    ...group('wide', 30, [0.7, 0.72], 0.09),
    ...planted.map((at): Placed => ({ at, kind: 'outlier' })),
    ...fresh.map((at): Placed => ({ at, kind: 'new' })),
  ];
}

const inRange = (value: number) => Math.min(0.98, Math.max(0.02, value));
