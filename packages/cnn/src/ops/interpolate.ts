import { ConfigError, ShapeError } from '@dl/core';
import { type Tensor, tidy } from '@dl/core/ops';
import { pairOf } from '../geometry/pair';
import { mapAxes, matrixOf } from './axis-maps';
import { checkFloats } from './conv-2d';

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** The nearest pixel, or the mean of the nearest four by their distance. @default 'nearest' */
  mode?: 'nearest' | 'bilinear';
  /** Whether the corners of input and output are the same points; for `bilinear`. @default false */
  alignCorners?: boolean;
  /**
   * Pixels of the output for one of the input, where that is not the ratio of the sizes: PyTorch's `scale_factor` when
   * it gives a fraction of a pixel.
   * @default the ratio of the sizes
   */
  scale?: readonly [height: number, width: number];
}

/**
 * Resizes images. PyTorch's `F.interpolate`. Both axes are linear maps, so it is two matrix products, and so is its gradient.
 *
 * @param x [batch, height, width, channels]
 * @param size of the output: [height, width]
 * @returns [batch, ...size, channels]
 * @throws ShapeError unless x is a batch of images; ConfigError for sizes or modes it does not know
 */
export function interpolate(
  x: Tensor,
  size: readonly [height: number, width: number],
  options: InterpolateOptions = {},
): Tensor {
  const wanted = pairOf('interpolate', 'size', size, 1);
  checkFloats('interpolate', { input: x });
  checkInterpolation('interpolate', options);
  if (x.rank !== 4 || x.shape[1] === 0 || x.shape[2] === 0) {
    throw new ShapeError('interpolate', 'the input must be [batch, height, width, channels]', [
      { label: 'input', shape: x.shape },
    ]);
  }
  return tidy(() => {
    const [rows, columns] = wanted.map((out, axis) => weights(x.shape[axis + 1]!, out, options, axis));
    return mapAxes(x, rows!, columns!);
  });
}

/** Refuses a mode that is not known. */
export function checkInterpolation(
  where: string,
  { mode = 'nearest', alignCorners = false }: InterpolateOptions,
): void {
  if (mode !== 'nearest' && mode !== 'bilinear') {
    throw new ConfigError(where, `the mode '${String(mode)}' is not known`, 'it can be nearest or bilinear');
  }
  if (mode === 'nearest' && alignCorners) throw new ConfigError(where, 'alignCorners goes with bilinear alone');
}

/** [out, input]: how much of each input pixel goes into each output pixel. */
function weights(input: number, out: number, options: InterpolateOptions, axis: number): Tensor {
  const { mode = 'nearest', alignCorners = false, scale } = options;
  const pixels = scale ? 1 / scale[axis]! : input / out; // of the input for one of the output
  return matrixOf(out, input, (o, i) => {
    if (mode === 'nearest')
      return Math.min(Math.floor(scale ? o * pixels : (o * input) / out), input - 1) === i ? 1 : 0;
    const step = out > 1 ? (input - 1) / (out - 1) : 0;
    const place = alignCorners ? o * step : Math.max(0, (o + 0.5) * pixels - 0.5);
    return Math.max(0, 1 - Math.abs(Math.min(place, input - 1) - i));
  });
}
