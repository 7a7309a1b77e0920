// Convolution as a matrix product without the matrix of patches: the row of an output position starts at its place in the
// (padded) image, and every tap lies the same distance from there for all positions. The filter is packed into panels of
// 8 output channels; a tile of 6 or 4 positions by 8 channels of y stays in registers over the whole filter.
import { activate } from '@dl/core/kernels/activations';
import { Geometry } from '@dl/core/kernels/geometry';
import { madd } from '@dl/core/kernels/simd';

/** A tile at the edge of y is made here first. */
const TILE_BYTES: usize = 192;
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
          let to = y + <usize>first * outPixel + (<usize>(group * outGroup + j) << 2);
          for (let p = first; p < end; ) {
            const size = tileRows(end - p);
            const rows = min(size, end - p);
            const whole = rows == size && columns == 8;
            const out = whole ? to : scratch;
            const outRow: usize = whole ? outPixel : 32;
            if (size == 6) {
              tile6(from, table + (<usize>p << 2), rows, g.filterHeight, runs, length, rowStep, runStep, panel, out, outRow);
            } else {
              tile4(from, table + (<usize>p << 2), rows, g.filterHeight, runs, length, rowStep, runStep, panel, out, outRow);
            }
            if (!whole) putEdge(scratch, to, outPixel, rows, columns);
            to += <usize>rows * outPixel;
            p += rows;
          }
        }
      }
    }
    if (activation) activate(y, count * g.outChannels, activation, alpha);
    x += <usize>(g.inHeight * g.inWidth) * pixel;
    y += <usize>count * outPixel;
  }
}

/**
 * The filter of the input gradient: taps in reverse, input and output channels exchanged within each group.
 * w [taps, in / groups, out], to [taps, out / groups, in].
 */
export function flipFilter(w: usize, taps: i32, inGroup: i32, outGroup: i32, groups: i32, to: usize): void {
  const inChannels = inGroup * groups, outChannels = outGroup * groups;
  for (let t = taps - 1; t >= 0; t--) {
    const tap = w + (<usize>(t * inGroup * outChannels) << 2);
    for (let group = 0; group < groups; group++) {
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

// @ts-ignore: decorator
@inline
function taps(g: Geometry): i32 {
  return g.filterHeight * g.filterWidth;
}

/** Rows and columns of the image that the windows reach, padding included. */
// @ts-ignore: decorator
@inline
function spanHeight(g: Geometry): i32 {
  return (g.outHeight - 1) * g.strideHeight + (g.filterHeight - 1) * g.dilationHeight + 1;
}

// @ts-ignore: decorator
@inline
function spanWidth(g: Geometry): i32 {
  return (g.outWidth - 1) * g.strideWidth + (g.filterWidth - 1) * g.dilationWidth + 1;
}

// @ts-ignore: decorator
@inline
function isPadded(g: Geometry): bool {
  return (g.padTop | g.padLeft) != 0 || spanHeight(g) > g.inHeight || spanWidth(g) > g.inWidth;
}

// @ts-ignore: decorator
@inline
function paddedBytes(g: Geometry): usize {
  return (<usize>spanHeight(g) * <usize>spanWidth(g) * <usize>g.inChannels) << 2;
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
    let from = w + (<usize>j << 2);
    for (let k = 0; k < rows; k++) {
      packRow(from, columns, to);
      from += stride;
      to += 32;
    }
  }
}

// @ts-ignore: decorator
@inline
function packRow(from: usize, columns: i32, to: usize): void {
  if (columns == 8) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    return;
  }
  for (let j: usize = 0; j < 32; j += 4) store<u32>(to + j, j < <usize>columns << 2 ? load<u32>(from + j) : 0);
}

/** Copies the part of the image that the windows reach into the padded one, whose border stays 0. */
function copyInside(g: Geometry, x: usize, padded: usize): void {
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

/** Height of the next tile: sixes, and fours where they leave fewer rows idle. */
// @ts-ignore: decorator
@inline
function tileRows(left: i32): i32 {
  return left <= 4 || left == 7 || left == 8 ? 4 : 6;
}

/** 6 positions by 8 channels; `rows` of them are real, the others repeat the last real one. */
function tile6(
  image: usize, table: usize, rows: i32, heights: i32, runs: i32, length: i32,
  rowStep: usize, runStep: usize, b: usize, y: usize, yRow: usize,
): void {
  const p0 = image + <usize>load<u32>(table);
  const p1 = rows > 1 ? image + <usize>load<u32>(table, 4) : p0;
  const p2 = rows > 2 ? image + <usize>load<u32>(table, 8) : p1;
  const p3 = rows > 3 ? image + <usize>load<u32>(table, 12) : p2;
  const p4 = rows > 4 ? image + <usize>load<u32>(table, 16) : p3;
  const p5 = rows > 5 ? image + <usize>load<u32>(table, 20) : p4;
  let c00 = v128.load(b), c01 = v128.load(b, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
  b += 32;
  for (let h: usize = 0; h < <usize>heights; h++) {
    for (let r: usize = 0; r < <usize>runs; r++) {
      const offset = h * rowStep + r * runStep;
      let a0 = p0 + offset, a1 = p1 + offset, a2 = p2 + offset, a3 = p3 + offset, a4 = p4 + offset, a5 = p5 + offset;
      for (let k = length; k > 0; k--) {
        const b0 = v128.load(b), b1 = v128.load(b, 16);
        let v = v128.load32_splat(a0);
        c00 = madd(v, b0, c00);
        c01 = madd(v, b1, c01);
        v = v128.load32_splat(a1);
        c10 = madd(v, b0, c10);
        c11 = madd(v, b1, c11);
        v = v128.load32_splat(a2);
        c20 = madd(v, b0, c20);
        c21 = madd(v, b1, c21);
        v = v128.load32_splat(a3);
        c30 = madd(v, b0, c30);
        c31 = madd(v, b1, c31);
        v = v128.load32_splat(a4);
        c40 = madd(v, b0, c40);
        c41 = madd(v, b1, c41);
        v = v128.load32_splat(a5);
        c50 = madd(v, b0, c50);
        c51 = madd(v, b1, c51);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        a4 += 4;
        a5 += 4;
        b += 32;
      }
    }
  }
  put(y, c00, c01);
  y += yRow;
  put(y, c10, c11);
  y += yRow;
  put(y, c20, c21);
  y += yRow;
  put(y, c30, c31);
  y += yRow;
  put(y, c40, c41);
  y += yRow;
  put(y, c50, c51);
}

/** 4 positions by 8 channels; `rows` of them are real, the others repeat the last real one. */
function tile4(
  image: usize, table: usize, rows: i32, heights: i32, runs: i32, length: i32,
  rowStep: usize, runStep: usize, b: usize, y: usize, yRow: usize,
): void {
  const p0 = image + <usize>load<u32>(table);
  const p1 = rows > 1 ? image + <usize>load<u32>(table, 4) : p0;
  const p2 = rows > 2 ? image + <usize>load<u32>(table, 8) : p1;
  const p3 = rows > 3 ? image + <usize>load<u32>(table, 12) : p2;
  let c00 = v128.load(b), c01 = v128.load(b, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  b += 32;
  for (let h: usize = 0; h < <usize>heights; h++) {
    for (let r: usize = 0; r < <usize>runs; r++) {
      const offset = h * rowStep + r * runStep;
      let a0 = p0 + offset, a1 = p1 + offset, a2 = p2 + offset, a3 = p3 + offset;
      for (let k = length; k > 0; k--) {
        const b0 = v128.load(b), b1 = v128.load(b, 16);
        let v = v128.load32_splat(a0);
        c00 = madd(v, b0, c00);
        c01 = madd(v, b1, c01);
        v = v128.load32_splat(a1);
        c10 = madd(v, b0, c10);
        c11 = madd(v, b1, c11);
        v = v128.load32_splat(a2);
        c20 = madd(v, b0, c20);
        c21 = madd(v, b1, c21);
        v = v128.load32_splat(a3);
        c30 = madd(v, b0, c30);
        c31 = madd(v, b1, c31);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        b += 32;
      }
    }
  }
  put(y, c00, c01);
  y += yRow;
  put(y, c10, c11);
  y += yRow;
  put(y, c20, c21);
  y += yRow;
  put(y, c30, c31);
}

// @ts-ignore: decorator
@inline
function put(y: usize, left: v128, right: v128): void {
  v128.store(y, left);
  v128.store(y, right, 16);
}

/** Copies the real part of a tile at the edge of y. */
function putEdge(tile: usize, y: usize, yRow: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) store<u32>(y + j, load<u32>(tile + j));
    tile += 32;
    y += yRow;
  }
}
