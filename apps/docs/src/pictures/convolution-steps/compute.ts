import { outputSize } from '@dl/cnn';
import { conv2d } from '@dl/cnn/ops';
import { tensor, tidy } from '@dl/core/ops';

/** Pixels along a side of the image. */
export const SIDE = 8;

export type ImageName = 'square' | 'disc' | 'stripes';
export type KernelName = 'vertical' | 'horizontal' | 'outline' | 'blur' | 'sharpen';

/** Grey values from 0 to 9, row by row. */
export function imageOf(name: ImageName): number[] {
  const inside = {
    square: (row: number, column: number) => row >= 2 && row < 6 && column >= 2 && column < 6,
    disc: (row: number, column: number) => Math.hypot(row - 3.5, column - 3.5) < 3,
    stripes: (row: number, column: number) => (row + column) % 4 < 2,
  }[name];
  return Array.from({ length: SIDE * SIDE }, (_, i) => (inside(Math.floor(i / SIDE), i % SIDE) ? 9 : 0));
}

/** A kernel of any size from 1, row by row. */
export function kernelOf(name: KernelName, size: number): number[] {
  const middle = (size - 1) / 2;
  const centre = Math.floor(size / 2) * (size + 1); // of an even size, the one after the middle
  const cells = Array.from({ length: size * size }, (_, i) => i);
  switch (name) {
    case 'vertical':
      return cells.map((i) => Math.sign((i % size) - middle));
    case 'horizontal':
      return cells.map((i) => Math.sign(Math.floor(i / size) - middle));
    case 'outline':
      return cells.map((i) => (i === centre ? size * size - 1 : -1));
    case 'blur':
      return cells.map(() => 1 / size ** 2);
    case 'sharpen':
      return cells.map((i) => (i === centre ? 2 : 0) - 1 / size ** 2);
  }
}

/** How the kernel moves. */
export interface Steps {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** Rows and columns of the output; 0 or less where the kernel does not fit into the padded image. */
export function sizeOf({ kernel, stride, padding, dilation }: Steps): number {
  return outputSize({ input: SIDE, kernel, stride, dilation, padding: 2 * padding });
}

/** The output `[size * size]` of a convolution that fits. */
export function convolve(image: readonly number[], kernel: readonly number[], steps: Steps): number[] {
  return tidy(() => {
    const x = tensor([...image], [1, SIDE, SIDE, 1]);
    const weight = tensor([...kernel], [steps.kernel, steps.kernel, 1, 1]);
    const { stride, padding, dilation } = steps;
    return Array.from(conv2d(x, weight, undefined, { stride, padding, dilation }).dataSync());
  });
}

/** One product of a sum: an element of the image or of its padding, and the weight it meets. */
export interface Product {
  /** From the first row and column of the image: below 0 and from `SIDE` on lies padding. */
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly weight: number;
}

/** The products whose sum is one element of the output. */
export function productsAt(
  image: readonly number[],
  kernel: readonly number[],
  steps: Steps,
  at: readonly [row: number, column: number],
): Product[] {
  return kernel.map((weight, i) => {
    const [row, column] = [Math.floor(i / steps.kernel), i % steps.kernel].map(
      (tap, axis) => at[axis]! * steps.stride - steps.padding + tap * steps.dilation,
    ) as [number, number];
    const within = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    return { row, column, value: within ? image[row * SIDE + column]! : 0, weight };
  });
}
