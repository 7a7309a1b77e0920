import { outputSize } from '@dl/cnn';
import { avgPool2d, maxPool2d } from '@dl/cnn/ops';
import { key } from '@dl/core';
import { grad, mul, sum, type Tensor, tensor, tidy } from '@dl/core/ops';

/** Numbers along a side of the input. */
export const SIDE = 6;

export type Pooling = 'max' | 'average';

/** Whole numbers from 0 to 9, row by row; another set for each number. */
export function inputOf(set: number): number[] {
  return Array.from(key(set).integers(SIDE * SIDE, 0, 10));
}

/** The windows: their size, and how far one lies from the next. */
export interface Windows {
  readonly kernel: number;
  readonly stride: number;
}

/** Rows and columns of the output. */
export function sizeOf({ kernel, stride }: Windows): number {
  return outputSize({ input: SIDE, kernel, stride });
}

/** What comes out, and what the gradient of the loss by it becomes on the way back. */
export interface Pooled {
  /** `[size * size]` */
  readonly output: readonly number[];
  /** `[SIDE * SIDE]` */
  readonly gradient: readonly number[];
}

/**
 * Pools the input, and sends a gradient back.
 *
 * @param dy the gradient by each number of the output
 */
export function pool(kind: Pooling, input: readonly number[], windows: Windows, dy: readonly number[]): Pooled {
  return tidy(() => {
    const size = sizeOf(windows);
    const x = tensor([...input], [1, SIDE, SIDE, 1]);
    const f = (from: Tensor) => (kind === 'max' ? maxPool2d : avgPool2d)(from, { ...windows });
    const upstream = tensor([...dy], [1, size, size, 1]);
    return {
      output: Array.from(f(x).dataSync()),
      gradient: Array.from(grad((from) => sum(mul(f(from), upstream)))(x).dataSync()),
    };
  });
}
