// An image with its zeros around it, as far as the windows of a convolution reach.
import { Geometry } from './geometry';

/** Rows and columns of the image that the windows reach, padding included. */
// @ts-ignore: decorator
@inline
export function spanHeight(g: Geometry): i32 {
  return (g.outHeight - 1) * g.strideHeight + (g.filterHeight - 1) * g.dilationHeight + 1;
}

// @ts-ignore: decorator
@inline
export function spanWidth(g: Geometry): i32 {
  return (g.outWidth - 1) * g.strideWidth + (g.filterWidth - 1) * g.dilationWidth + 1;
}

// @ts-ignore: decorator
@inline
export function isPadded(g: Geometry): bool {
  return (g.padTop | g.padLeft) != 0 || spanHeight(g) > g.inHeight || spanWidth(g) > g.inWidth;
}

// @ts-ignore: decorator
@inline
export function paddedBytes(g: Geometry): usize {
  return (<usize>spanHeight(g) * <usize>spanWidth(g) * <usize>g.inChannels) << 2;
}

/** Copies the part of the image that the windows reach into the padded one, whose border stays 0. */
export function copyInside(g: Geometry, x: usize, padded: usize): void {
  const pixel = <usize>g.inChannels << 2;
  const width = spanWidth(g);
  const rows = min(g.inHeight, spanHeight(g) - g.padTop);
  const columns = min(g.inWidth, width - g.padLeft);
  if (columns <= 0) return;
  let to = padded + <usize>(g.padTop * width + g.padLeft) * pixel;
  for (let row = 0; row < rows; row++) {
    memory.copy(to, x, <usize>columns * pixel);
    to += <usize>width * pixel;
    x += <usize>g.inWidth * pixel;
  }
}
