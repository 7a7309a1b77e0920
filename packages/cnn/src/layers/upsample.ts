import { ConfigError, Module, type Shape } from '@dl/core';
import { checks, defineSpec } from '@dl/core/nn';
import type { Tensor } from '@dl/core/ops';
import { type Pair, pairOf } from '../geometry/pair';
import { checkInterpolation, type InterpolateOptions, interpolate } from '../ops/interpolate';

/** Options of `Upsample`: either `scale` or `size`. */
export interface UpsampleConfig extends Omit<InterpolateOptions, 'scale'> {
  /** How many times larger the image becomes; may be a fraction. */
  scale?: number | readonly [height: number, width: number];
  /** Size of the output. */
  size?: Pair;
}

/**
 * Resizes images by the nearest pixel or by bilinear interpolation: `[batch, height, width, channels]` to `[batch,
 * outHeight, outWidth, channels]`, `floor(size scale)` pixels an axis. PyTorch's `nn.Upsample`.
 *
 * @example
 * ```ts
 * import { init } from '@dl/core';
 * import { tensor } from '@dl/core/ops';
 * import { Upsample } from '@dl/cnn';
 *
 * await init();
 * new Upsample({ scale: [1, 2] }).predict(tensor([1, 2], [1, 1, 2, 1])).dataSync(); // [1, 1, 2, 2]
 * ```
 */
export class Upsample extends Module {
  readonly scale: readonly [number, number] | undefined;
  readonly size: readonly [number, number] | undefined;
  readonly options: Readonly<Omit<InterpolateOptions, 'scale'>>;

  /** @throws ConfigError unless there is one of scale and size, in its range, and for a mode it does not know */
  constructor({ scale, size, ...options }: UpsampleConfig) {
    super();
    if ((scale === undefined) === (size === undefined)) {
      throw new ConfigError(this.where, 'give either scale or size');
    }
    const scales: readonly number[] | undefined = typeof scale === 'number' ? [scale, scale] : scale;
    if (scales !== undefined && (scales.length !== 2 || !scales.every((n) => Number.isFinite(n) && n > 0))) {
      throw new ConfigError(
        this.where,
        `scale must be a positive number, or two: [height, width]; it is ${JSON.stringify(scale)}`,
      );
    }
    checkInterpolation(this.where, options);
    this.scale = scales as readonly [number, number] | undefined;
    this.size = size === undefined ? undefined : pairOf(this.where, 'size', size, 1);
    this.options = options;
  }

  /** @throws ShapeError unless the input is a batch of images */
  forward(x: Tensor): Tensor {
    checks.checkFloat(this, x);
    checks.checkRank(this, x.shape, 'batch', 4, 4);
    const size = this.#sizeOf(x.shape.slice(1));
    return interpolate(x, size, { ...this.options, ...(this.scale && { scale: this.scale }) });
  }

  outputShape(input: Shape): Shape {
    checks.checkRank(this, input, 'example', 4, 4);
    return [...this.#sizeOf(input), input[2]!];
  }

  #sizeOf([height, width]: Shape): [number, number] {
    if (this.size) return [...this.size];
    return [Math.floor(height! * this.scale![0]), Math.floor(width! * this.scale![1])];
  }
}

/** Spec of an `Upsample`. */
export const upsample = defineSpec('upsample', (config: UpsampleConfig) => new Upsample(config));
