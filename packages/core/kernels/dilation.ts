// Grey-scale dilation: y = the maximum over a window of x + filter, channel by channel, and its gradients, which go to
// the first maximum of each window. Of float32 and int32.
import { Geometry } from './geometry';

/** y[n,h,w,c] = the maximum over the filter's taps of x at the tap + filter[tap,c] */
export function dilation2d(geometry: usize, x: usize, filter: usize, y: usize): void {
  visit<f32>(0, geometry, x, filter, y, 0);
}

/** `dilation2d` of int32 */
export function dilation2dOfIntegers(geometry: usize, x: usize, filter: usize, y: usize): void {
  visit<i32>(0, geometry, x, filter, y, 0);
}

/** dx: dy at the place in x that gave the maximum, added up. */
export function dilation2dInputGradient(geometry: usize, x: usize, filter: usize, dy: usize, dx: usize): void {
  visit<f32>(1, geometry, x, filter, dy, dx);
}

/** `dilation2dInputGradient` of int32 */
export function dilation2dInputGradientOfIntegers(geometry: usize, x: usize, filter: usize, dy: usize, dx: usize): void {
  visit<i32>(1, geometry, x, filter, dy, dx);
}

/** dfilter: dy at the tap that gave the maximum, added up. */
export function dilation2dFilterGradient(geometry: usize, x: usize, filter: usize, dy: usize, dfilter: usize): void {
  visit<f32>(2, geometry, x, filter, dy, dfilter);
}

/** `dilation2dFilterGradient` of int32 */
export function dilation2dFilterGradientOfIntegers(geometry: usize, x: usize, filter: usize, dy: usize, dfilter: usize): void {
  visit<i32>(2, geometry, x, filter, dy, dfilter);
}

/** Finds the maximum of every window and writes it to y (0), or adds y to `gradient` at its place in x (1) or in the filter (2). */
// @ts-ignore: decorator
@inline
function visit<T extends number>(into: i32, geometry: usize, x: usize, filter: usize, y: usize, gradient: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = <usize>g.inChannels;
  const image = <usize>g.inHeight * <usize>g.inWidth * channels;
  if (into == 1) memory.fill(gradient, 0, (<usize>g.batch * image) << 2);
  if (into == 2) memory.fill(gradient, 0, (<usize>(g.filterHeight * g.filterWidth) * channels) << 2);
  for (let n = 0; n < g.batch; n++) {
    for (let row = 0; row < g.outHeight; row++) {
      for (let column = 0; column < g.outWidth; column++) {
        for (let c: usize = 0; c < channels; c++) {
          let best: T = isFloat<T>() ? <T>-Infinity : <T>i32.MIN_VALUE;
          let place: usize = 0;
          let isFirst = true;
          for (let h = 0; h < g.filterHeight; h++) {
            const p = row * g.strideHeight - g.padTop + h * g.dilationHeight;
            if (<u32>p >= <u32>g.inHeight) continue;
            for (let w = 0; w < g.filterWidth; w++) {
              const q = column * g.strideWidth - g.padLeft + w * g.dilationWidth;
              if (<u32>q >= <u32>g.inWidth) continue;
              const from = <usize>(p * g.inWidth + q) * channels + c;
              const tap = <usize>(h * g.filterWidth + w) * channels + c;
              const v = <T>(load<T>(x + (from << 2)) + load<T>(filter + (tap << 2)));
              if (v > best || isFirst) {
                if (v > best) best = v;
                place = into == 1 ? from : tap;
                isFirst = false;
              }
            }
          }
          if (into == 0) store<T>(y, best);
          else if (!isFirst) store<T>(gradient + (place << 2), <T>(load<T>(gradient + (place << 2)) + load<T>(y)));
          y += 4;
        }
      }
    }
    x += image << 2;
    if (into == 1) gradient += image << 2;
  }
}
