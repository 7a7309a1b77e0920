import { ConfigError, type Shape, ShapeError } from '@dl/core';
import { kernelSpan, outputSize } from './output-size';
import { checkPadding, type Padding, sidesOf } from './padding';
import { type Pair, pairOf } from './pair';

/** The elements of one axis that a window covers: from `start` to before `end`, every `step`-th. */
export interface Window {
  start: number;
  end: number;
  step: number;
  /** 1 over the number of elements that an average divides by. */
  factor: number;
}

/** All windows of a pooling: one for each output row and for each output column. */
export interface Windows {
  rows: readonly Window[];
  columns: readonly Window[];
}

/** Options that all pooling with fixed windows shares. */
export interface PoolOptions {
  /** Size of the window. */
  kernel: Pair;
  /** Pixels from one window to the next. @default the kernel: windows side by side */
  stride?: Pair;
  /** What is added around the image; it is never the maximum. @default 'valid': nothing */
  padding?: Padding;
  /** Whether a last window may hang over the end; PyTorch's `ceil_mode`. @default false */
  ceil?: boolean;
}

/** Fixed windows and the options that only some poolings have. */
export interface WindowOptions extends PoolOptions {
  dilation?: Pair;
  /** Whether an average counts the padding as zeros; padding by 'same' is never counted, as in TensorFlow. */
  countIncludePad?: boolean;
}

/** The checked numbers of the options, and the padding's half-a-kernel rule. */
export function checkPool(where: string, options: WindowOptions) {
  const kernel = pairOf(where, 'kernel', options.kernel, 1);
  const stride = pairOf(where, 'stride', options.stride ?? kernel, 1);
  const dilation = pairOf(where, 'dilation', options.dilation ?? 1, 1);
  const { padding = 'valid' } = options;
  checkPadding(where, padding);
  if (padding !== 'same' && padding !== 'valid') {
    const sides = sidesOf(padding, { input: [0, 0], kernel, stride, dilation });
    for (const [i, side] of sides.entries()) {
      const size = kernel[i < 2 ? 0 : 1];
      if (side <= size / 2) continue;
      throw new ConfigError(where, `padding is ${side}, it must be at most half of the kernel, which is ${size}`);
    }
  }
  return { kernel, stride, dilation, padding };
}

/**
 * The windows of a pooling over images of this shape, batch axis first.
 *
 * @throws ShapeError where the window is larger than the padded image
 */
export function fixedWindows(where: string, shape: Shape, options: WindowOptions): Windows {
  const { kernel, stride, dilation, padding } = checkPool(where, options);
  const input = imageSize(where, shape);
  const sides = sidesOf(padding, { input, kernel, stride, dilation });
  const [rows, columns] = [0, 1].map((axis) => {
    const size = input[axis]!;
    const [k, s, d] = [kernel[axis]!, stride[axis]!, dilation[axis]!];
    const [before, after] = [sides[2 * axis]!, sides[2 * axis + 1]!];
    const { ceil = false } = options;
    let count = outputSize({ input: size, kernel: k, stride: s, dilation: d, padding: before + after, ceil });
    if (ceil && (count - 1) * s >= size + before) count--; // the last window starts inside the image or before it
    if (count < 1) {
      throw new ShapeError(
        where,
        `the window spans ${kernelSpan(k, d)} ${axis === 0 ? 'rows' : 'columns'}, the input has ${size}`,
        [shown(shape)],
        'use a smaller kernel, or padding',
      );
    }
    return Array.from({ length: count }, (_, o) => {
      const first = o * s - before;
      const start = first < 0 ? first + Math.ceil(-first / d) * d : first;
      const end = Math.min(size, first + kernelSpan(k, d));
      const counted = options.countIncludePad && padding !== 'same';
      const elements = counted ? Math.min(first + k, size + after) - first : end - start;
      return { start, end, step: d, factor: 1 / elements };
    });
  });
  return { rows: rows!, columns: columns! };
}

/** Windows that give the wanted size of output: from `floor(i L / o)` to before `ceil((i + 1) L / o)`. */
export function adaptiveWindows(where: string, shape: Shape, output: Pair): Windows {
  const size = imageSize(where, shape);
  const wanted = pairOf(where, 'output', output, 1);
  const [rows, columns] = wanted.map((count, axis) =>
    Array.from({ length: count }, (_, i) => {
      const start = Math.floor((i * size[axis]!) / count);
      const end = Math.ceil(((i + 1) * size[axis]!) / count);
      return { start, end, step: 1, factor: 1 / (end - start) };
    }),
  );
  return { rows: rows!, columns: columns! };
}

function imageSize(where: string, shape: Shape): [number, number] {
  if (shape.length !== 4) {
    throw new ShapeError(
      where,
      `the input has ${shape.length} axes with the batch, [batch, height, width, channels] is needed`,
      [shown(shape)],
      shape.length === 3 ? `a single image needs a batch axis in front: [1, ${shape.join(', ')}]` : undefined,
    );
  }
  const [, height, width] = shape as [number, number, number, number];
  if (height < 1 || width < 1) throw new ShapeError(where, 'the image is empty', [shown(shape)]);
  return [height, width];
}

function shown(shape: Shape) {
  return { label: 'input', shape, axes: ['batch', 'height', 'width', 'channels'] };
}
