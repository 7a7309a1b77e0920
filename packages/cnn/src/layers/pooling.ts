import { Module, type Shape } from '@dl/core';
import { defineSpec } from '@dl/core/nn';
import { reshape, type Tensor, tidy } from '@dl/core/ops';
import { type Pair, pairOf } from '../geometry/pair';
import { adaptiveWindows, checkPool, fixedWindows, type Windows } from '../geometry/windows';
import { type AvgPool2dOptions, averageOf, type MaxPool2dOptions, maxOf, maxWithIndicesOf } from '../ops/pool-2d';

/** A pooling: which windows, and what of each. */
abstract class Pool2d extends Module {
  /** The windows over images of this shape, batch axis first. */
  protected abstract windows(shape: Shape): Windows;
  protected abstract pool(x: Tensor, windows: Windows): Tensor;

  /** @throws ShapeError unless the input is a batch of images that the window fits into */
  forward(x: Tensor): Tensor {
    return this.pool(x, this.windows(x.shape));
  }

  outputShape(input: Shape): Shape {
    const { rows, columns } = this.windows([1, ...input]);
    return [rows.length, columns.length, input[2]!];
  }
}

/** The largest value of each window: `[batch, height, width, channels]` to `[batch, outHeight, outWidth, channels]`. PyTorch's `nn.MaxPool2d`. */
export class MaxPool2d extends Pool2d {
  readonly options: Readonly<MaxPool2dOptions>;

  /** @throws ConfigError for options out of their range */
  constructor(options: MaxPool2dOptions) {
    super();
    checkPool(this.where, options);
    this.options = options;
  }

  /**
   * As `forward`, with the place of each maximum in its plane, `row * width + column`, int32: for `MaxUnpool2d`. Both
   * tensors are yours. PyTorch's `return_indices=True`.
   */
  withIndices(x: Tensor): { y: Tensor; indices: Tensor } {
    return maxWithIndicesOf(x, this.windows(x.shape), this.where);
  }

  protected windows(shape: Shape): Windows {
    return fixedWindows(this.where, shape, this.options);
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return maxOf(x, windows, this.where);
  }
}

/** The mean of each window: `[batch, height, width, channels]` to `[batch, outHeight, outWidth, channels]`. PyTorch's `nn.AvgPool2d`. */
export class AvgPool2d extends Pool2d {
  readonly options: Readonly<AvgPool2dOptions>;

  /** @throws ConfigError for options out of their range */
  constructor(options: AvgPool2dOptions) {
    super();
    checkPool(this.where, options);
    this.options = { countIncludePad: true, ...options };
  }

  protected windows(shape: Shape): Windows {
    return fixedWindows(this.where, shape, this.options);
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return averageOf(x, windows, this.where);
  }
}

/** Options of adaptive pooling. */
export interface AdaptivePool2dConfig {
  /** Size of the output: one number, or [height, width]. */
  output: Pair;
}

/** Largest values over windows that give the wanted size: `[batch, ...output, channels]`. PyTorch's `nn.AdaptiveMaxPool2d`. */
export class AdaptiveMaxPool2d extends Pool2d {
  readonly output: Pair;

  /** @throws ConfigError unless the size is of positive integers */
  constructor({ output }: AdaptivePool2dConfig) {
    super();
    this.output = pairOf(this.where, 'output', output, 1);
  }

  protected windows(shape: Shape): Windows {
    return adaptiveWindows(this.where, shape, this.output);
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return maxOf(x, windows, this.where);
  }
}

/** Means over windows that give the wanted size: `[batch, ...output, channels]`. PyTorch's `nn.AdaptiveAvgPool2d`. */
export class AdaptiveAvgPool2d extends Pool2d {
  readonly output: Pair;

  /** @throws ConfigError unless the size is of positive integers */
  constructor({ output }: AdaptivePool2dConfig) {
    super();
    this.output = pairOf(this.where, 'output', output, 1);
  }

  protected windows(shape: Shape): Windows {
    return adaptiveWindows(this.where, shape, this.output);
  }

  protected pool(x: Tensor, windows: Windows): Tensor {
    return averageOf(x, windows, this.where);
  }
}

/** The mean of each channel over the whole image: `[batch, height, width, channels]` to `[batch, channels]`. Keras' `GlobalAveragePooling2D`. */
export class GlobalAvgPool2d extends Module {
  /** @throws ShapeError unless the input is a batch of images */
  forward(x: Tensor): Tensor {
    const windows = adaptiveWindows(this.where, x.shape, 1);
    return tidy(() => reshape(averageOf(x, windows, this.where), [x.shape[0], x.shape[3]!]));
  }

  outputShape(input: Shape): Shape {
    adaptiveWindows(this.where, [1, ...input], 1);
    return [input[2]!];
  }
}

/** The largest value of each channel: `[batch, height, width, channels]` to `[batch, channels]`. Keras' `GlobalMaxPooling2D`. */
export class GlobalMaxPool2d extends Module {
  /** @throws ShapeError unless the input is a batch of images */
  forward(x: Tensor): Tensor {
    const windows = adaptiveWindows(this.where, x.shape, 1);
    return tidy(() => reshape(maxOf(x, windows, this.where), [x.shape[0], x.shape[3]!]));
  }

  outputShape(input: Shape): Shape {
    adaptiveWindows(this.where, [1, ...input], 1);
    return [input[2]!];
  }
}

/** Spec of a `MaxPool2d`. */
export const maxPool2dSpec = defineSpec('maxPool2d', (options: MaxPool2dOptions) => new MaxPool2d(options));

/** Spec of an `AvgPool2d`. */
export const avgPool2dSpec = defineSpec('avgPool2d', (options: AvgPool2dOptions) => new AvgPool2d(options));

/** Spec of an `AdaptiveMaxPool2d`. */
export const adaptiveMaxPool2dSpec = defineSpec(
  'adaptiveMaxPool2d',
  (config: AdaptivePool2dConfig) => new AdaptiveMaxPool2d(config),
);

/** Spec of an `AdaptiveAvgPool2d`. */
export const adaptiveAvgPool2dSpec = defineSpec(
  'adaptiveAvgPool2d',
  (config: AdaptivePool2dConfig) => new AdaptiveAvgPool2d(config),
);

/** Spec of a `GlobalAvgPool2d`. */
export const globalAvgPool2d = defineSpec('globalAvgPool2d', () => new GlobalAvgPool2d());

/** Spec of a `GlobalMaxPool2d`. */
export const globalMaxPool2d = defineSpec('globalMaxPool2d', () => new GlobalMaxPool2d());
