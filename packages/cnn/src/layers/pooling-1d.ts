import { Module, type Shape, ShapeError } from '@dl/core';
import { checks, defineSpec } from '@dl/core/nn';
import { reshape, type Tensor, tidy } from '@dl/core/ops';
import { adaptiveWindows, checkPool, fixedWindows, type WindowOptions, type Windows } from '../geometry/windows';
import { averageOf, maxOf, maxWithIndicesOf } from '../ops/pool-2d';

/** Options of pooling over time. */
export interface Pool1dOptions {
  /** Steps of a window. */
  kernel: number;
  /** Steps from one window to the next. @default the kernel */
  stride?: number;
  /** What is added to both ends; it is never the maximum. @default 'valid': nothing */
  padding?: 'valid' | 'same' | number;
  /** Whether a last window may hang over the end; PyTorch's `ceil_mode`. @default false */
  ceil?: boolean;
}

/** Options of `MaxPool1d`. */
export interface MaxPool1dOptions extends Pool1dOptions {
  /** Steps from one element of a window to the next. @default 1 */
  dilation?: number;
}

/** Options of `AvgPool1d`. */
export interface AvgPool1dOptions extends Pool1dOptions {
  /** Whether padding counts as zeros; padding by 'same' is never counted, as in TensorFlow. @default true */
  countIncludePad?: boolean;
}

/** A pooling over time: which windows, and what of each. A sequence is an image of one row. */
abstract class Pool1d extends Module {
  /** The windows over images of this shape, batch axis first. */
  protected abstract windows(image: Shape): Windows;
  protected abstract pool(x: Tensor, windows: Windows): Tensor;

  /** @throws ShapeError unless the input is a batch of sequences that the window fits into */
  forward(x: Tensor): Tensor {
    const image = asImage(this.where, x.shape);
    const windows = this.windows(image);
    return tidy(() => {
      const y = this.pool(reshape(x, image as number[]), windows);
      return reshape(y, [y.shape[0], y.shape[2]!, y.shape[3]!]);
    });
  }

  outputShape(input: Shape): Shape {
    const { columns } = this.windows(asImage(this.where, [1, ...input]));
    return [columns.length, input[1]!];
  }
}

/** The largest value of each window of time: `[batch, time, channels]` to `[batch, outTime, channels]`. PyTorch's `nn.MaxPool1d`. */
export class MaxPool1d extends Pool1d {
  readonly options: Readonly<MaxPool1dOptions>;

  /** @throws ConfigError for options out of their range */
  constructor(options: MaxPool1dOptions) {
    super();
    checkPool(this.where, wide(options));
    this.options = options;
  }

  /**
   * As `forward`, with the step that each maximum was at, int32: for `MaxUnpool1d`. Both tensors are yours. PyTorch's
   * `return_indices=True`.
   */
  withIndices(x: Tensor): { y: Tensor; indices: Tensor } {
    const image = asImage(this.where, x.shape);
    const windows = this.windows(image);
    return tidy(() => {
      const { y, indices } = maxWithIndicesOf(reshape(x, image as number[]), windows, this.where);
      const shape = [y.shape[0], y.shape[2]!, y.shape[3]!];
      return { y: reshape(y, shape), indices: reshape(indices, shape) };
    });
  }

  protected windows(image: Shape): Windows {
    return fixedWindows(this.where, image, wide(this.options));
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return maxOf(x, windows, this.where);
  }
}

/** The mean of each window of time: `[batch, time, channels]` to `[batch, outTime, channels]`. PyTorch's `nn.AvgPool1d`. */
export class AvgPool1d extends Pool1d {
  readonly options: Readonly<AvgPool1dOptions>;

  /** @throws ConfigError for options out of their range */
  constructor(options: AvgPool1dOptions) {
    super();
    checkPool(this.where, wide(options));
    this.options = { countIncludePad: true, ...options };
  }

  protected windows(image: Shape): Windows {
    return fixedWindows(this.where, image, wide(this.options));
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return averageOf(x, windows, this.where);
  }
}

/** Options of adaptive pooling over time. */
export interface AdaptivePool1dConfig {
  /** Steps of the output. */
  output: number;
}

/** Largest values over windows that give the wanted number of steps: `[batch, output, channels]`. PyTorch's `nn.AdaptiveMaxPool1d`. */
export class AdaptiveMaxPool1d extends Pool1d {
  readonly output: number;

  /** @throws ConfigError unless the number of steps is a positive integer */
  constructor({ output }: AdaptivePool1dConfig) {
    super();
    checks.checkSize(this, 'output', output);
    this.output = output;
  }

  protected windows(image: Shape): Windows {
    return adaptiveWindows(this.where, image, [1, this.output]);
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return maxOf(x, windows, this.where);
  }
}

/** Means over windows that give the wanted number of steps: `[batch, output, channels]`. PyTorch's `nn.AdaptiveAvgPool1d`. */
export class AdaptiveAvgPool1d extends Pool1d {
  readonly output: number;

  /** @throws ConfigError unless the number of steps is a positive integer */
  constructor({ output }: AdaptivePool1dConfig) {
    super();
    checks.checkSize(this, 'output', output);
    this.output = output;
  }

  protected windows(image: Shape): Windows {
    return adaptiveWindows(this.where, image, [1, this.output]);
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return averageOf(x, windows, this.where);
  }
}

/** A single value for each channel. */
abstract class GlobalPool1d extends Module {
  protected abstract pool(x: Tensor, windows: Windows): Tensor;

  /** @throws ShapeError unless the input is a batch of sequences */
  forward(x: Tensor): Tensor {
    const image = asImage(this.where, x.shape);
    const windows = adaptiveWindows(this.where, image, 1);
    return tidy(() => reshape(this.pool(reshape(x, image as number[]), windows), [x.shape[0], x.shape[2]!]));
  }

  outputShape(input: Shape): Shape {
    adaptiveWindows(this.where, asImage(this.where, [1, ...input]), 1);
    return [input[1]!];
  }
}

/** The mean of each channel over all time: `[batch, time, channels]` to `[batch, channels]`. Keras' `GlobalAveragePooling1D`. */
export class GlobalAvgPool1d extends GlobalPool1d {
  protected pool(x: Tensor, windows: Windows): Tensor {
    return averageOf(x, windows, this.where);
  }
}

/** The largest value of each channel over all time: `[batch, time, channels]` to `[batch, channels]`. Keras' `GlobalMaxPooling1D`. */
export class GlobalMaxPool1d extends GlobalPool1d {
  protected pool(x: Tensor, windows: Windows): Tensor {
    return maxOf(x, windows, this.where);
  }
}

/** The options for an image of one row. */
function wide(options: MaxPool1dOptions & AvgPool1dOptions): WindowOptions {
  const { kernel, stride = kernel, padding = 'valid', dilation = 1, ...rest } = options;
  return {
    ...rest,
    kernel: [1, kernel],
    stride: [1, stride],
    dilation: [1, dilation],
    padding: typeof padding === 'number' ? [0, padding] : padding,
  };
}

/** A batch of sequences as images of one row. */
function asImage(where: string, shape: Shape): Shape {
  if (shape.length === 3) return [shape[0]!, 1, shape[1]!, shape[2]!];
  throw new ShapeError(
    where,
    `the input has ${shape.length} axes with the batch, [batch, time, channels] is needed`,
    [{ label: 'input', shape, axes: checks.inputAxes(shape.length) }],
    shape.length === 2 ? `a single sequence needs a batch axis in front: [1, ${shape.join(', ')}]` : undefined,
  );
}

/** Spec of a `MaxPool1d`. */
export const maxPool1d = defineSpec('maxPool1d', (options: MaxPool1dOptions) => new MaxPool1d(options));

/** Spec of an `AvgPool1d`. */
export const avgPool1d = defineSpec('avgPool1d', (options: AvgPool1dOptions) => new AvgPool1d(options));

/** Spec of an `AdaptiveMaxPool1d`. */
export const adaptiveMaxPool1d = defineSpec(
  'adaptiveMaxPool1d',
  (config: AdaptivePool1dConfig) => new AdaptiveMaxPool1d(config),
);

/** Spec of an `AdaptiveAvgPool1d`. */
export const adaptiveAvgPool1d = defineSpec(
  'adaptiveAvgPool1d',
  (config: AdaptivePool1dConfig) => new AdaptiveAvgPool1d(config),
);

/** Spec of a `GlobalAvgPool1d`. */
export const globalAvgPool1d = defineSpec('globalAvgPool1d', () => new GlobalAvgPool1d());

/** Spec of a `GlobalMaxPool1d`. */
export const globalMaxPool1d = defineSpec('globalMaxPool1d', () => new GlobalMaxPool1d());
