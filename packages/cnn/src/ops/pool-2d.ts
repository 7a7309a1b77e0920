import type { Tensor } from '@dl/core/ops';
import type { Pair } from '../geometry/pair';
import { adaptiveWindows, fixedWindows, type PoolOptions, type Windows } from '../geometry/windows';
import { checkFloats } from './conv-2d';
import { averagePooling, maxPooling, maxPoolingWithIndices } from './pooling';

/** Options of `maxPool2d`. PyTorch's `F.max_pool2d`. */
export interface MaxPool2dOptions extends PoolOptions {
  /** Pixels from one element of a window to the next. @default 1 */
  dilation?: Pair;
}

/** Options of `avgPool2d`. PyTorch's `F.avg_pool2d`. */
export interface AvgPool2dOptions extends PoolOptions {
  /** Whether padding counts as zeros; padding by 'same' is never counted, as in TensorFlow. @default true */
  countIncludePad?: boolean;
}

/**
 * The largest value of each window; of equal ones the first gets the gradient, and NaN is the largest. PyTorch's
 * `F.max_pool2d`, with channels last.
 *
 * @param x [batch, height, width, channels]
 * @returns [batch, outHeight, outWidth, channels], sizes by `outputSize`
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 *
 * @example
 * ```ts
 * maxPool2d(x, { kernel: 2 }); // [batch, 28, 28, channels] to [batch, 14, 14, channels]
 * ```
 */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions): Tensor {
  return maxOf(x, fixedWindows('maxPool2d', x.shape, options), 'maxPool2d');
}

/**
 * `maxPool2d`, with the place of each maximum in its plane, `row * width + column`, int32: for `maxUnpool2d`. PyTorch's
 * `F.max_pool2d(return_indices=True)`.
 */
export function maxPool2dWithIndices(x: Tensor, options: MaxPool2dOptions): { y: Tensor; indices: Tensor } {
  const windows = fixedWindows('maxPool2dWithIndices', x.shape, options);
  return maxWithIndicesOf(x, windows, 'maxPool2dWithIndices');
}

/**
 * The mean of each window. PyTorch's `F.avg_pool2d`, with channels last.
 *
 * @param x [batch, height, width, channels]
 * @returns [batch, outHeight, outWidth, channels], sizes by `outputSize`
 * @throws ShapeError, ConfigError, DtypeError where the sizes, options or types do not fit
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  return averageOf(x, fixedWindows('avgPool2d', x.shape, { countIncludePad: true, ...options }), 'avgPool2d');
}

/**
 * The largest values of as many windows as the output has pixels; they differ in size where the sizes do not divide.
 * PyTorch's `F.adaptive_max_pool2d`.
 *
 * @param x [batch, height, width, channels]
 * @param output size of the output
 * @returns [batch, ...output, channels]
 */
export function adaptiveMaxPool2d(x: Tensor, output: Pair): Tensor {
  return maxOf(x, adaptiveWindows('adaptiveMaxPool2d', x.shape, output), 'adaptiveMaxPool2d');
}

/**
 * The means of as many windows as the output has pixels. PyTorch's `F.adaptive_avg_pool2d`.
 *
 * @param x [batch, height, width, channels]
 * @param output size of the output; 1 is the mean over the whole image
 * @returns [batch, ...output, channels]
 */
export function adaptiveAvgPool2d(x: Tensor, output: Pair): Tensor {
  return averageOf(x, adaptiveWindows('adaptiveAvgPool2d', x.shape, output), 'adaptiveAvgPool2d');
}

/** Max pooling over windows that are worked out already. */
export function maxOf(x: Tensor, windows: Windows, where: string): Tensor {
  checkFloats(where, { input: x });
  return maxPooling({ x }, { ...windows, height: x.shape[1]!, width: x.shape[2]! });
}

/** The same with the place of each maximum. */
export function maxWithIndicesOf(x: Tensor, windows: Windows, where: string): { y: Tensor; indices: Tensor } {
  checkFloats(where, { input: x });
  return maxPoolingWithIndices({ x }, { ...windows, height: x.shape[1]!, width: x.shape[2]! });
}

/** Average pooling over windows that are worked out already. */
export function averageOf(x: Tensor, windows: Windows, where: string): Tensor {
  checkFloats(where, { input: x });
  return averagePooling({ x }, { ...windows, height: x.shape[1]!, width: x.shape[2]! });
}
