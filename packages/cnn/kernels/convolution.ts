// Convolution and its gradients: every call goes to the algorithm that suits its sizes. `fast` allows Winograd's, which
// rounds a little more.
import {
  convolutionFilterGradient as directFilterGradient,
  convolutionFilterGradientScratch as directFilterGradientScratch,
  convolutionInputGradient as directInputGradient,
  convolutionInputGradientScratch as directInputGradientScratch,
  filterBytes,
  flipFilter,
  isMirrored,
  mirror,
} from '@dl/core/kernels/convolution-gradients';
import { convolve, convolveScratch } from '@dl/core/kernels/convolve';
import { Geometry } from '@dl/core/kernels/geometry';
import { suitsWinograd, winograd, winogradFilterGradient, winogradScratch } from './winograd';

/** Bytes of scratch memory for `convolution`. */
export function convolutionScratch(geometry: usize, fast: i32): usize {
  return fast && suits(geometry) ? winogradScratch(geometry) : convolveScratch(geometry);
}

/** y = act(x * w + bias), w [height, width, in / groups, out]; a bias of 0 is none. */
export function convolution(
  geometry: usize, x: usize, w: usize, bias: usize, activation: i32, alpha: f32, y: usize, fast: i32, scratch: usize,
): void {
  if (fast && suits(geometry)) winograd(geometry, x, w, bias, activation, alpha, y, scratch);
  else convolve(geometry, x, w, bias, activation, alpha, y, scratch);
}

/** Bytes of scratch memory for `convolutionFilterGradient`. */
export function convolutionFilterGradientScratch(geometry: usize, fast: i32): usize {
  const isFast = fast && suits(geometry);
  return isFast ? winogradScratch(geometry) : directFilterGradientScratch(geometry);
}

/** dw, from x and dy */
export function convolutionFilterGradient(geometry: usize, x: usize, dy: usize, dw: usize, fast: i32, scratch: usize): void {
  if (fast && suits(geometry)) winogradFilterGradient(geometry, x, dy, dw, scratch);
  else directFilterGradient(geometry, x, dy, dw, scratch);
}

/** Bytes of scratch memory for `convolutionInputGradient`. */
export function convolutionInputGradientScratch(geometry: usize, fast: i32): usize {
  return fast && suitsMirrored(geometry) ? mirroredScratch(geometry) : directInputGradientScratch(geometry);
}

/** dx, from dy and w: with the filter reversed a convolution itself. */
export function convolutionInputGradient(geometry: usize, dy: usize, w: usize, dx: usize, fast: i32, scratch: usize): void {
  if (!fast || !suitsMirrored(geometry)) {
    directInputGradient(geometry, dy, w, dx, scratch);
    return;
  }
  const g = changetype<Geometry>(geometry);
  flipFilter(g, w, scratch);
  mirror(g);
  winograd(geometry, dy, scratch, 0, 0, 0, dx, scratch + filterBytes(g));
  mirror(g);
}

function suits(geometry: usize): bool {
  const g = changetype<Geometry>(geometry);
  return suitsWinograd(g, g.outHeight * g.outWidth);
}

function suitsMirrored(geometry: usize): bool {
  const g = changetype<Geometry>(geometry);
  if (!isMirrored(g)) return false;
  const positions = g.outHeight * g.outWidth;
  mirror(g);
  const pays = suitsWinograd(g, positions);
  mirror(g);
  return pays;
}

function mirroredScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  mirror(g);
  const bytes = filterBytes(g) + winogradScratch(geometry);
  mirror(g);
  return bytes;
}
