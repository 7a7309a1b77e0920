import { ConfigError, ShapeError } from '@dl/core';
import { gather, pad, type Tensor, tensor1d } from '@dl/core/ops';
import type { Sides } from '../geometry/padding';

/** What padding is filled with, as in PyTorch: zeros, the image mirrored, its border repeated, or its other end. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** Which element of an axis of `size` stands at place `i`, which may lie outside. */
const sources: Record<Exclude<PaddingMode, 'zeros'>, (i: number, size: number) => number> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular: (i, size) => (i + size) % size,
};

/** Refuses a mode of padding that there is not. */
export function checkPaddingMode(where: string, mode: PaddingMode): void {
  if (mode === 'zeros' || Object.hasOwn(sources, mode)) return;
  throw new ConfigError(
    where,
    `the padding mode '${String(mode)}' is not known`,
    `it can be zeros, ${Object.keys(sources).join(', ')}`,
  );
}

/** Refuses padding that is wider than the image can fill. */
export function checkPaddedSize(where: string, mode: PaddingMode, sides: Sides, shape: readonly number[]): void {
  for (const axis of [1, 2]) {
    const size = shape[axis]!;
    const widest = Math.max(sides[2 * axis - 2]!, sides[2 * axis - 1]!);
    const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Number.POSITIVE_INFINITY;
    if (widest <= most) continue;
    throw new ShapeError(
      where,
      `the padding mode '${mode}' can add at most ${most} ${axis === 1 ? 'rows' : 'columns'}, ${widest} are asked for`,
      [{ label: 'input', shape, axes: ['batch', 'height', 'width', 'channels'] }],
      "use less padding, or padding mode 'replicate' or 'zeros'",
    );
  }
}

/**
 * Adds pixels around an image. PyTorch's `F.pad`.
 *
 * @param x [batch, height, width, channels]
 * @param sides pixels at top, bottom, left and right
 * @param mode what they are filled with. @default 'zeros'
 * @returns [batch, top + height + bottom, left + width + right, channels]
 * @throws ShapeError where the image is too small for the mode; ConfigError for an unknown mode
 */
export function padImage(x: Tensor, sides: Sides, mode: PaddingMode = 'zeros'): Tensor {
  checkPaddingMode('padImage', mode);
  if (x.rank !== 4) {
    throw new ShapeError('padImage', 'the input must be [batch, height, width, channels]', [
      { label: 'input', shape: x.shape },
    ]);
  }
  checkPaddedSize('padImage', mode, sides, x.shape);
  const [top, bottom, left, right] = sides;
  if (mode === 'zeros')
    return pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
  let y = x;
  for (const [axis, before, after] of [
    [1, top, bottom],
    [2, left, right],
  ] as const) {
    const size = x.shape[axis]!;
    if (before + after === 0) continue;
    const places = Int32Array.from({ length: before + size + after }, (_, i) => sources[mode](i - before, size));
    y = gather(y, tensor1d(places, 'int32'), axis);
  }
  return y;
}
