// The filter gradient of a convolution in two dimensions as a matrix product without the matrix of patches: an element of
// the filter meets, for all output positions, places of the image that lie the same distances apart.
import { Geometry } from './geometry';
import { packPanel, stripe, TILE_BYTES } from './implicit-product';
import { copyInside, isPadded, paddedBytes, spanWidth } from './padded-image';

/** Output positions whose panel of dy stays in the first-level cache. */
const BLOCK: i32 = 512;

/** Bytes of scratch memory for `filterGradient`. */
export function filterGradientScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  return TILE_BYTES + 32 + tableBytes(g) + panelBytes(g) + (isPadded(g) ? paddedBytes(g) : 0);
}

/** dw[h,w,c,o] = sum over the batch and all positions of x, seen through the tap (h,w), times dy. */
export function filterGradient(geometry: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const inGroup = g.inChannels / g.groups, outGroup = g.outChannels / g.groups;
  const elements = g.filterHeight * g.filterWidth * inGroup;
  if (g.batch * g.outHeight * g.outWidth <= 0) {
    memory.fill(dw, 0, (<usize>elements * <usize>g.outChannels) << 2);
    return;
  }
  const zeros = scratch + TILE_BYTES;
  const table = zeros + 32;
  const panel = table + tableBytes(g);
  const padded = panel + panelBytes(g);
  const pads = isPadded(g);
  const width = pads ? spanWidth(g) : g.inWidth;
  const pixel = <usize>g.inChannels << 2;
  const outPixel = <usize>g.outChannels << 2;
  const line = <usize>g.outWidth * outPixel;
  const step = <usize>g.strideWidth * pixel;
  const rowStep = <usize>(g.strideHeight * width) * pixel;
  const block = rowsOfBlock(g);

  memory.fill(zeros, 0, 32);
  writeTable(g, width, pixel, inGroup, table);
  if (pads) memory.fill(padded, 0, paddedBytes(g));
  for (let n = 0; n < g.batch; n++) {
    let image = x;
    if (pads) {
      copyInside(g, x, padded);
      image = padded;
    }
    for (let first = 0; first < g.outHeight; first += block) {
      const rows = min(block, g.outHeight - first);
      const isFirst = n == 0 && first == 0;
      for (let group = 0; group < g.groups; group++) {
        const from = image + <usize>first * rowStep + (<usize>(group * inGroup) << 2);
        for (let j = 0; j < outGroup; j += 8) {
          const columns = min(8, outGroup - j);
          const channel = <usize>(group * outGroup + j) << 2;
          packPanel(dy + <usize>first * line + channel, outPixel, rows * g.outWidth, columns, panel);
          stripe(
            elements, columns, from, table, rows, 1, g.outWidth, rowStep, 0, step,
            panel, zeros, dw + channel, outPixel, !isFirst, scratch,
          );
        }
      }
    }
    x += <usize>(g.inHeight * g.inWidth) * pixel;
    dy += <usize>g.outHeight * line;
  }
}

/** For every element of a group's filter the distance in bytes of its place from the corner of the window. */
function writeTable(g: Geometry, width: i32, pixel: usize, inGroup: i32, table: usize): void {
  for (let h = 0; h < g.filterHeight; h++) {
    for (let w = 0; w < g.filterWidth; w++) {
      const tap = <usize>(h * g.dilationHeight * width + w * g.dilationWidth) * pixel;
      for (let c = 0; c < inGroup; c++) {
        store<u32>(table, <u32>(tap + (<usize>c << 2)));
        table += 4;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function tableBytes(g: Geometry): usize {
  return <usize>((g.filterHeight * g.filterWidth * (g.inChannels / g.groups) + 3) & ~3) << 2;
}

// @ts-ignore: decorator
@inline
function rowsOfBlock(g: Geometry): i32 {
  return max(1, min(g.outHeight, BLOCK / max(1, g.outWidth)));
}

// @ts-ignore: decorator
@inline
function panelBytes(g: Geometry): usize {
  return <usize>(rowsOfBlock(g) * g.outWidth) << 5;
}
