import { ConfigError } from '@dl/core';

/** The sizes along one axis of a convolution or pooling. */
export interface AxisSizes {
  /** Elements of the input. */
  input: number;
  /** Elements of the kernel. */
  kernel: number;
  /** Elements from one window to the next. @default 1 */
  stride?: number;
  /** Elements from one tap of the kernel to the next. @default 1 */
  dilation?: number;
  /** Elements added to both ends together. @default 0 */
  padding?: number;
  /** Whether a last window may hang over the end. @default false */
  ceil?: boolean;
}

/** How many elements of the input a kernel spans: `dilation (kernel - 1) + 1`. */
export function kernelSpan(kernel: number, dilation = 1): number {
  return dilation * (kernel - 1) + 1;
}

/**
 * The size of the output of a convolution or pooling along one axis:
 * `floor((input + padding - dilation (kernel - 1) - 1) / stride) + 1`.
 *
 * A result of 0 or less says that the kernel is larger than the padded input.
 *
 * @throws ConfigError for sizes that are no integers, and unless kernel, stride and dilation are positive
 *
 * @example
 * ```ts
 * import { outputSize } from '@dl/cnn';
 * outputSize({ input: 28, kernel: 5, stride: 2, padding: 4 }); // 14
 * ```
 */
export function outputSize(sizes: AxisSizes): number {
  const { input, kernel, stride = 1, dilation = 1, padding = 0, ceil = false } = sizes;
  for (const [name, value, least] of [
    ['input', input, 0],
    ['kernel', kernel, 1],
    ['stride', stride, 1],
    ['dilation', dilation, 1],
    ['padding', padding, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new ConfigError('outputSize', `${name} must be an integer of at least ${least}, it is ${String(value)}`);
    }
  }
  const steps = (input + padding - kernelSpan(kernel, dilation)) / stride;
  return (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
}
