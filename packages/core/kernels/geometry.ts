/**
 * The sizes of a convolution or pooling, as the host writes them into the heap: one field after the other, in this
 * order. In two dimensions the depth is 1. Tensors are [batch, depth, height, width, channels], filters
 * [depth, height, width, in / groups, out].
 */
@unmanaged
export class Geometry {
  batch: i32;
  inDepth: i32;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outDepth: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  filterDepth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideDepth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationDepth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padFront: i32;
  padTop: i32;
  padLeft: i32;
  /** Equal parts that the channels fall into: every part of the output sees its part of the input alone. */
  groups: i32;
}

/** Number of output positions of the whole batch. */
// @ts-ignore: decorator
@inline
export function positions(g: Geometry): i32 {
  return g.batch * g.outDepth * g.outHeight * g.outWidth;
}

/** First output column whose tap, `offset` input columns after the window's start, lies inside the image. */
// @ts-ignore: decorator
@inline
export function firstColumn(g: Geometry, offset: i32): i32 {
  const before = g.padLeft - offset;
  return before > 0 ? (before + g.strideWidth - 1) / g.strideWidth : 0;
}

/** One past the last such output column. */
// @ts-ignore: decorator
@inline
export function endColumn(g: Geometry, offset: i32): i32 {
  const last = g.inWidth - 1 + g.padLeft - offset;
  return last < 0 ? 0 : min(g.outWidth, last / g.strideWidth + 1);
}
