// Convolution as a matrix product without the matrix of patches: the row of an output position starts at its place in the
// (padded) image, and every tap lies the same distance from there for all positions. The filter is packed into panels of
// 8 output channels; a tile of 6 or 4 positions by 8 channels of y stays in registers over the whole filter.
import { activate } from './activations';
import { Geometry } from './geometry';
import { packPanel, packRow, stripe, TILE_BYTES } from './implicit-product';
import { copyInside, isPadded, paddedBytes, spanWidth } from './padded-image';

/** Floats of the image that a block of positions covers, about: they stay in the second-level cache. */
const BLOCK: i32 = 1 << 15;

/** Bytes of scratch memory for `convolve`. */
export function convolveScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  return TILE_BYTES + tableBytes(g) + <usize>g.groups * groupBytes(g) + (isPadded(g) ? paddedBytes(g) : 0);
}

/** y = act(x * w + bias), w [height, width, in / groups, out]; a bias of 0 is none. Scratch is 16-byte aligned. */
export function convolve(
  geometry: usize, x: usize, w: usize, bias: usize, activation: i32, alpha: f32, y: usize, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const count = g.outHeight * g.outWidth;
  if (count <= 0 || g.batch <= 0 || g.outChannels <= 0) return;
  const table = scratch + TILE_BYTES;
  const packed = table + tableBytes(g);
  const padded = packed + <usize>g.groups * groupBytes(g);
  const pads = isPadded(g);
  const width = pads ? spanWidth(g) : g.inWidth;
  const pixel = <usize>g.inChannels << 2;
  const inGroup = g.inChannels / g.groups, outGroup = g.outChannels / g.groups;

  writeTable(g, width, pixel, table);
  for (let group = 0; group < g.groups; group++) {
    packFilter(g, inGroup, outGroup, w + (<usize>(group * outGroup) << 2),
      bias ? bias + (<usize>(group * outGroup) << 2) : 0, packed + <usize>group * groupBytes(g));
  }
  if (pads) memory.fill(padded, 0, paddedBytes(g));

  const block = max(48, BLOCK / max(1, g.inChannels * g.strideHeight * g.strideWidth)) / 12 * 12;
  const panelBytes = (<usize>taps(g) * <usize>inGroup + 1) << 5;
  const outPixel = <usize>g.outChannels << 2;
  // Without dilation and groups the taps of a row of the filter are neighbours in the image too: one run.
  const isRun = g.dilationWidth == 1 && g.groups == 1;
  const runs = isRun ? 1 : g.filterWidth;
  const length = isRun ? g.filterWidth * inGroup : inGroup;
  const runStep = <usize>g.dilationWidth * pixel;
  const rowStep = <usize>(g.dilationHeight * width) * pixel;

  for (let n = 0; n < g.batch; n++) {
    let image = x;
    if (pads) {
      copyInside(g, x, padded);
      image = padded;
    }
    for (let first = 0; first < count; first += block) {
      const end = min(count, first + block);
      for (let group = 0; group < g.groups; group++) {
        const from = image + (<usize>(group * inGroup) << 2);
        for (let j = 0; j < outGroup; j += 8) {
          const panel = packed + <usize>group * groupBytes(g) + <usize>(j >> 3) * panelBytes;
          const columns = min(8, outGroup - j);
          const to = y + <usize>first * outPixel + (<usize>(group * outGroup + j) << 2);
          stripe(
            end - first, columns, from, table + (<usize>first << 2), g.filterHeight, runs, length, rowStep, runStep, 4,
            panel + 32, panel, to, outPixel, false, scratch,
          );
        }
      }
    }
    if (activation) activate(y, count * g.outChannels, activation, alpha);
    x += <usize>(g.inHeight * g.inWidth) * pixel;
    y += <usize>count * outPixel;
  }
}

// @ts-ignore: decorator
@inline
function taps(g: Geometry): i32 {
  return g.filterHeight * g.filterWidth;
}

// @ts-ignore: decorator
@inline
function tableBytes(g: Geometry): usize {
  return <usize>((g.outHeight * g.outWidth + 3) & ~3) << 2;
}

/** A panel is a row of 8 biases and a row of 8 weights for each element of a patch. */
// @ts-ignore: decorator
@inline
function groupBytes(g: Geometry): usize {
  return <usize>((g.outChannels / g.groups + 7) >> 3) * ((<usize>taps(g) * <usize>(g.inChannels / g.groups) + 1) << 5);
}

/** For every output position the distance in bytes of its window's corner from the start of the image. */
function writeTable(g: Geometry, width: i32, pixel: usize, table: usize): void {
  for (let row = 0; row < g.outHeight; row++) {
    for (let column = 0; column < g.outWidth; column++) {
      store<u32>(table, <u32>(<usize>(row * g.strideHeight * width + column * g.strideWidth) * pixel));
      table += 4;
    }
  }
}

function packFilter(g: Geometry, inGroup: i32, outGroup: i32, w: usize, bias: usize, to: usize): void {
  const rows = taps(g) * inGroup;
  const stride = <usize>g.outChannels << 2;
  for (let j = 0; j < outGroup; j += 8) {
    const columns = min(8, outGroup - j);
    if (bias) packRow(bias + (<usize>j << 2), columns, to);
    else packRow(0, 0, to);
    to += 32;
    packPanel(w + (<usize>j << 2), stride, rows, columns, to);
    to += <usize>rows << 5;
  }
}
