// Gradients of pooling. As in PyTorch, and unlike in tfjs, a window whose values are all negative has a maximum too, and
// of equal maxima the first gets the gradient.
import { Geometry } from './geometry';
import { loadTail, storeTail } from './simd';

/** dx = dy at the place of each window's first maximum, added up over the windows. NaN is no maximum. */
export function maxPoolGradient(geometry: usize, x: usize, dy: usize, dx: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  const pixel = <usize>channels << 2;
  const image = <usize>g.inDepth * <usize>g.inHeight * <usize>g.inWidth * pixel;
  memory.fill(dx, 0, <usize>g.batch * image);
  for (let n = 0; n < g.batch; n++) {
    for (let plane = 0; plane < g.outDepth; plane++) {
      for (let row = 0; row < g.outHeight; row++) {
        for (let column = 0; column < g.outWidth; column++) {
          for (let c = channels; c > 0; c -= 4) {
            const at = <usize>(channels - c) << 2;
            window(g, plane, row, column, min(4, c), x + at, dy + at, dx + at, pixel);
          }
          dy += pixel;
        }
      }
    }
    x += image;
    dx += image;
  }
}

/** One window, up to four channels of it at once. */
// @ts-ignore: decorator
@inline
function window(g: Geometry, plane: i32, row: i32, column: i32, lanes: i32, x: usize, dy: usize, dx: usize, pixel: usize): void {
  const front = plane * g.strideDepth - g.padFront;
  const top = row * g.strideHeight - g.padTop;
  const left = column * g.strideWidth - g.padLeft;
  // First the number of the maximum among the window's elements in each lane, then a visit to give it the gradient.
  let best = f32x4.splat(-Infinity);
  let where = i32x4.splat(0); // a window of -Infinity has its maximum first
  let number = 0;
  for (let d = 0; d < g.filterDepth; d++) {
    const z = front + d * g.dilationDepth;
    if (<u32>z >= <u32>g.inDepth) continue;
    for (let h = 0; h < g.filterHeight; h++) {
      const y = top + h * g.dilationHeight;
      if (<u32>y >= <u32>g.inHeight) continue;
      const line = <usize>((z * g.inHeight + y) * g.inWidth) * pixel;
      for (let w = 0; w < g.filterWidth; w++) {
        const u = left + w * g.dilationWidth;
        if (<u32>u >= <u32>g.inWidth) continue;
        const at = x + line + <usize>u * pixel;
        const v = lanes == 4 ? v128.load(at) : loadTail(at, lanes, 0);
        where = v128.bitselect(i32x4.splat(number), where, f32x4.gt(v, best));
        best = f32x4.pmax(best, v);
        number++;
      }
    }
  }
  const gradient = lanes == 4 ? v128.load(dy) : loadTail(dy, lanes, 0);
  number = 0;
  for (let d = 0; d < g.filterDepth; d++) {
    const z = front + d * g.dilationDepth;
    if (<u32>z >= <u32>g.inDepth) continue;
    for (let h = 0; h < g.filterHeight; h++) {
      const y = top + h * g.dilationHeight;
      if (<u32>y >= <u32>g.inHeight) continue;
      const line = <usize>((z * g.inHeight + y) * g.inWidth) * pixel;
      for (let w = 0; w < g.filterWidth; w++) {
        const u = left + w * g.dilationWidth;
        if (<u32>u >= <u32>g.inWidth) continue;
        const mask = i32x4.eq(where, i32x4.splat(number));
        number++;
        if (!v128.any_true(mask)) continue;
        const at = dx + line + <usize>u * pixel;
        const share = v128.and(gradient, mask);
        if (lanes == 4) v128.store(at, f32x4.add(v128.load(at), share));
        else storeTail(at, f32x4.add(loadTail(at, lanes, 0), share), lanes);
      }
    }
  }
}
