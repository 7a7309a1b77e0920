// The gradients of convolutions: every call goes to the algorithm that suits its sizes. In two dimensions and with stride 1
// that of the input is a convolution itself, of dy with the filter reversed.
import { filterGradientByPatches, inputGradientByPatches, patchesScratch } from './conv-patches';
import { filterGradient, filterGradientScratch } from './convolution-filter-gradient';
import { convolve, convolveScratch } from './convolve';
import { Geometry } from './geometry';
import { planeGradient, planeGradientScratch } from './plane-gradient';

/** Bytes of scratch memory for `convolutionFilterGradient`. */
export function convolutionFilterGradientScratch(geometry: usize): usize {
  return isFlat(changetype<Geometry>(geometry)) ? filterGradientScratch(geometry) : patchesScratch(geometry);
}

/** dw, from x and dy */
export function convolutionFilterGradient(geometry: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
  if (isFlat(changetype<Geometry>(geometry))) filterGradient(geometry, x, dy, dw, scratch);
  else filterGradientByPatches(geometry, x, dy, dw, scratch);
}

/** Bytes of scratch memory for `convolutionInputGradient`. */
export function convolutionInputGradientScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  if (isPlane(g)) return planeGradientScratch(geometry);
  if (!paysMirrored(g)) return patchesScratch(geometry);
  mirror(g);
  const bytes = filterBytes(g) + convolveScratch(geometry);
  mirror(g);
  return bytes;
}

/** dx, from dy and w */
export function convolutionInputGradient(geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  if (isPlane(g)) {
    planeGradient(geometry, dy, w, dx, scratch);
    return;
  }
  if (!paysMirrored(g)) {
    inputGradientByPatches(geometry, dy, w, dx, scratch);
    return;
  }
  flipFilter(g, w, scratch);
  mirror(g);
  convolve(geometry, dy, scratch, 0, 0, 0, dx, scratch + filterBytes(g));
  mirror(g);
}

/** Whether the image has one channel. */
// @ts-ignore: decorator
@inline
function isPlane(g: Geometry): bool {
  return isFlat(g) && g.inChannels == 1;
}

/** Whether the convolution takes no more than a quarter more products than the patches do, which it spares. */
function paysMirrored(g: Geometry): bool {
  const products = g.inHeight * g.inWidth * (g.inChannels / g.groups + 7 & ~7);
  return isMirrored(g) && products * 4 <= g.outHeight * g.outWidth * (g.inChannels / g.groups) * 5;
}

/** Whether the input gradient is a convolution: its zeros around dy are not less than none. */
export function isMirrored(g: Geometry): bool {
  return isFlat(g) && g.strideHeight == 1 && g.strideWidth == 1
    && g.dilationHeight * (g.filterHeight - 1) >= g.padTop && g.dilationWidth * (g.filterWidth - 1) >= g.padLeft;
}

/** Turns the sizes into those of the convolution of dy with the reversed filter, which gives dx; and back again. */
export function mirror(g: Geometry): void {
  const height = g.inHeight, width = g.inWidth, channels = g.inChannels;
  g.inHeight = g.outHeight;
  g.inWidth = g.outWidth;
  g.inChannels = g.outChannels;
  g.outHeight = height;
  g.outWidth = width;
  g.outChannels = channels;
  g.padTop = g.dilationHeight * (g.filterHeight - 1) - g.padTop;
  g.padLeft = g.dilationWidth * (g.filterWidth - 1) - g.padLeft;
}

/**
 * The filter of the input gradient: taps in reverse, input and output channels exchanged within each group.
 * w [taps, in / groups, out], to [taps, out / groups, in].
 */
export function flipFilter(g: Geometry, w: usize, to: usize): void {
  const inChannels = g.inChannels, outChannels = g.outChannels;
  const inGroup = inChannels / g.groups, outGroup = outChannels / g.groups;
  for (let t = g.filterHeight * g.filterWidth - 1; t >= 0; t--) {
    const tap = w + (<usize>(t * inGroup * outChannels) << 2);
    for (let group = 0; group < g.groups; group++) {
      for (let o = 0; o < outGroup; o++) {
        let from = tap + (<usize>(group * outGroup + o) << 2);
        let at = to + (<usize>(o * inChannels + group * inGroup) << 2);
        for (let i = 0; i < inGroup; i++) {
          store<u32>(at, load<u32>(from));
          from += <usize>outChannels << 2;
          at += 4;
        }
      }
    }
    to += <usize>(outGroup * inChannels) << 2;
  }
}

/** Bytes of the filter, in whole vectors. */
export function filterBytes(g: Geometry): usize {
  return (<usize>(g.filterHeight * g.filterWidth * g.outChannels) * <usize>(g.inChannels / g.groups) + 3 & ~3) << 2;
}

/** Whether the image has two dimensions. tfjs's padding of three can be less than none. */
// @ts-ignore: decorator
@inline
function isFlat(g: Geometry): bool {
  return g.inDepth == 1 && g.outDepth == 1 && g.filterDepth == 1 && g.padTop >= 0 && g.padLeft >= 0;
}
