import { ConfigError } from '@dl/core';
import { kernelSpan } from './output-size';

/**
 * Padding around an image: none (`valid`), as much as gives `ceil(size / stride)` outputs (`same`, TensorFlow's rule: the
 * odd element goes to the end), a number for all sides, two for height and width, or four: top, bottom, left, right.
 */
export type Padding = 'valid' | 'same' | number | readonly [number, number] | readonly [number, number, number, number];

/** Elements added at top, bottom, left and right. */
export type Sides = readonly [top: number, bottom: number, left: number, right: number];

/** The padding at both ends of an axis for `same`. */
export function samePadding(input: number, kernel: number, stride: number, dilation: number): [number, number] {
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + kernelSpan(kernel, dilation) - input);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** What `sidesOf` needs to know. */
export interface PaddedWindow {
  input: readonly [number, number];
  kernel: readonly [number, number];
  stride: readonly [number, number];
  dilation: readonly [number, number];
}

/** Refuses a padding that is none of its forms. */
export function checkPadding(where: string, padding: Padding): void {
  if (padding === 'valid' || padding === 'same') return;
  const numbers: readonly unknown[] = typeof padding === 'number' ? [padding] : Array.isArray(padding) ? padding : [];
  const known = [1, 2, 4].includes(numbers.length);
  if (!known || numbers.some((n) => !Number.isSafeInteger(n) || (n as number) < 0)) {
    throw new ConfigError(
      where,
      `padding is ${JSON.stringify(padding)}`,
      "it can be 'valid', 'same', an integer of at least 0, [height, width] or [top, bottom, left, right]",
    );
  }
}

/** The padding of each side. */
export function sidesOf(padding: Padding, { input, kernel, stride, dilation }: PaddedWindow): Sides {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding === 'same') {
    const rows = samePadding(input[0], kernel[0], stride[0], dilation[0]);
    return [...rows, ...samePadding(input[1], kernel[1], stride[1], dilation[1])];
  }
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding.length === 2) return [padding[0], padding[0], padding[1], padding[1]];
  return padding;
}
