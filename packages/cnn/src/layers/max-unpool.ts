import { Module, type Shape, ShapeError } from '@dl/core';
import { checks } from '@dl/core/nn';
import { reshape, type Tensor, tidy } from '@dl/core/ops';
import { type Pair, pairOf } from '../geometry/pair';
import { haveSameShape, unpoolPlanes } from '../ops/planes';

/** What an unpooling is given. */
export interface Unpooling<Size> {
  /** What is put back: of the shape that the pooling gave. */
  x: Tensor;
  /** Where it was taken from, as `withIndices` of the max pooling says. */
  indices: Tensor;
  /** Size of what was pooled, where it does not follow from the windows. */
  size?: Size;
}

/** Options of `MaxUnpool2d`: those of the `MaxPool2d` that it undoes. */
export interface MaxUnpool2dConfig {
  /** Size of the window. */
  kernel: Pair;
  /** Pixels from one window to the next. @default the kernel */
  stride?: Pair;
  /** Pixels that were added to each side. @default 0 */
  padding?: Pair;
}

/**
 * Puts values back to where a max pooling took them from, with zeros elsewhere: `[batch, height, width, channels]` to
 * `[batch, outHeight, outWidth, channels]`, by default `(size - 1) stride - 2 padding + kernel` pixels an axis. PyTorch's
 * `nn.MaxUnpool2d`.
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { MaxPool2d, MaxUnpool2d } from '@dl/cnn';
 *
 * await init();
 * const { y, indices } = new MaxPool2d({ kernel: 2 }).withIndices(tensor([1, 2, 4, 3], [1, 2, 2, 1]));
 * new MaxUnpool2d({ kernel: 2 }).predict({ x: y, indices }).dataSync(); // [0, 0, 4, 0]
 * ```
 */
export class MaxUnpool2d extends Module<Unpooling<readonly [height: number, width: number]>> {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];

  /** @throws ConfigError for sizes out of their range */
  constructor({ kernel, stride = kernel, padding = 0 }: MaxUnpool2dConfig) {
    super();
    this.kernel = pairOf(this.where, 'kernel', kernel, 1);
    this.stride = pairOf(this.where, 'stride', stride, 1);
    this.padding = pairOf(this.where, 'padding', padding, 0);
  }

  /** @throws ShapeError where input and indices differ in shape, or an index lies outside the image */
  forward({ x, indices, size }: Unpooling<readonly [height: number, width: number]>): Tensor {
    checks.checkRank(this, x.shape, 'batch', 4, 4);
    const [height, width] = size ?? this.#size(x.shape.slice(1));
    return unpoolPlanes(this.where, x, indices, [height, width]);
  }

  /** The size by the windows, for the shape of `x`. */
  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 4, 4);
    return [...this.#size(input), input[2]!];
  }

  #size(input: Shape): [number, number] {
    const sizeOf = (axis: 0 | 1) => {
      const { kernel, stride, padding } = this;
      return unpooledSize(this.where, input, axis, {
        kernel: kernel[axis],
        stride: stride[axis],
        padding: padding[axis],
      });
    };
    return [sizeOf(0), sizeOf(1)];
  }
}

/** Options of `MaxUnpool1d`: those of the `MaxPool1d` that it undoes. */
export interface MaxUnpool1dConfig {
  /** Steps of the window. */
  kernel: number;
  /** Steps from one window to the next. @default the kernel */
  stride?: number;
  /** Steps that were added to each end. @default 0 */
  padding?: number;
}

/**
 * Puts values back to the steps that a max pooling took them from, with zeros elsewhere: `[batch, time, channels]` to
 * `[batch, outTime, channels]`, by default `(time - 1) stride - 2 padding + kernel` steps. PyTorch's `nn.MaxUnpool1d`.
 */
export class MaxUnpool1d extends Module<Unpooling<number>> {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;

  /** @throws ConfigError for sizes out of their range */
  constructor({ kernel, stride = kernel, padding = 0 }: MaxUnpool1dConfig) {
    super();
    checks.checkSize(this, 'kernel', kernel);
    checks.checkSize(this, 'stride', stride);
    if (padding !== 0) checks.checkSize(this, 'padding', padding);
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  /** @throws ShapeError where input and indices differ in shape, or an index lies outside the sequence */
  forward({ x, indices, size }: Unpooling<number>): Tensor {
    checks.checkRank(this, x.shape, 'batch', 3, 3);
    const [batch, time, channels] = x.shape as [number, number, number];
    const steps = size ?? unpooledSize(this.where, [time, channels], 0, this);
    return tidy(() => {
      const wide = [batch, 1, time, channels];
      const places = haveSameShape(x, indices) ? reshape(indices, wide) : indices;
      return reshape(unpoolPlanes(this.where, reshape(x, wide), places, [1, steps]), [batch, steps, channels]);
    });
  }

  /** The size by the windows, for the shape of `x`. */
  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 3, 3);
    return [unpooledSize(this.where, input, 0, this), input[1]!];
  }
}

/** The size of an axis before a pooling whose windows all lay inside. */
function unpooledSize(
  where: string,
  input: Shape,
  axis: number,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): number {
  const size = (input[axis]! - 1) * stride - 2 * padding + kernel;
  if (size > 0) return size;
  throw new ShapeError(
    where,
    `the padding of ${padding} leaves nothing of the output`,
    [checks.shownInput(input, 'example')],
    'use less padding, or give the size',
  );
}
