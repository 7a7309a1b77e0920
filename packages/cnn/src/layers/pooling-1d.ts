import { Module, type Shape, ShapeError } from '@dl/core';
import { defineSpec } from '@dl/core/nn';
import { reshape, type Tensor, tidy } from '@dl/core/ops';
import { checkPool, fixedWindows, type WindowOptions, type Windows } from '../geometry/windows';
import { averageOf, maxOf } from '../ops/pool-2d';

/** Options of pooling over time. */
export interface Pool1dOptions {
  /** Steps of a window. */
  kernel: number;
  /** Steps from one window to the next. @default the kernel */
  stride?: number;
  /** What is added to both ends. @default 'valid': nothing */
  padding?: 'valid' | 'same' | number;
  /** Whether a last window may hang over the end. @default false */
  ceil?: boolean;
}

/** The options for an image of one row. */
function wide({ kernel, stride = kernel, padding = 'valid', ceil = false }: Pool1dOptions): WindowOptions {
  return {
    kernel: [1, kernel],
    stride: [1, stride],
    padding: typeof padding === 'number' ? [0, padding] : padding,
    ceil,
    countIncludePad: true,
  };
}

abstract class Pool1d extends Module {
  readonly options: Readonly<Pool1dOptions>;

  /** @throws ConfigError for options out of their range */
  constructor(options: Pool1dOptions) {
    super();
    checkPool(this.where, wide(options));
    this.options = options;
  }

  protected abstract pool(x: Tensor, windows: Windows): Tensor;

  /** @throws ShapeError unless the input is a batch of sequences that the window fits into */
  forward(x: Tensor): Tensor {
    const image = this.#image(x.shape);
    const windows = fixedWindows(this.where, image, wide(this.options));
    return tidy(() => {
      const y = this.pool(reshape(x, image as number[]), windows);
      return reshape(y, [y.shape[0], y.shape[2]!, y.shape[3]!]);
    });
  }

  outputShape(input: Shape): Shape {
    const { columns } = fixedWindows(this.where, this.#image([1, ...input]), wide(this.options));
    return [columns.length, input[1]!];
  }

  #image(shape: Shape): Shape {
    if (shape.length === 3) return [shape[0]!, 1, shape[1]!, shape[2]!];
    throw new ShapeError(
      this.where,
      `the input has ${shape.length} axes with the batch, [batch, time, channels] is needed`,
      [{ label: 'input', shape, axes: ['batch', 'time', 'channels'] }],
    );
  }
}

/** The largest value of each window of time: `[batch, time, channels]` to `[batch, outTime, channels]`. PyTorch's `nn.MaxPool1d`. */
export class MaxPool1d extends Pool1d {
  protected pool(x: Tensor, windows: Windows): Tensor {
    return maxOf(x, windows, this.where).y;
  }
}

/** The mean of each window of time: `[batch, time, channels]` to `[batch, outTime, channels]`. PyTorch's `nn.AvgPool1d`. */
export class AvgPool1d extends Pool1d {
  protected pool(x: Tensor, windows: Windows): Tensor {
    return averageOf(x, windows, this.where);
  }
}

/** Spec of a `MaxPool1d`. */
export const maxPool1d = defineSpec('maxPool1d', (options: Pool1dOptions) => new MaxPool1d(options));

/** Spec of an `AvgPool1d`. */
export const avgPool1d = defineSpec('avgPool1d', (options: Pool1dOptions) => new AvgPool1d(options));
