// Winograd's convolution: fewer multiplications. A tile of 8x8 values of the image, seen as a polynomial in each
// direction, is evaluated at 8 points (0, 1, -1, 2, -2, 1/2, -1/2, infinity); so is a filter of r x r; where they are
// multiplied point by point and summed over the channels, the (9 - r) x (9 - r) outputs are an interpolation away.
// 64 products a tile instead of (9 - r)^2 r^2: 6.25 times fewer for 5x5, 5 times fewer for 3x3.
//
// The gradient of the filter is the same with the parts exchanged: the tile of dy is the filter, r x r the outputs.
// The price is rounding: about 1e-5 of the largest output instead of 1e-6.
//
// Lavin, Gray: Fast Algorithms for Convolutional Neural Networks, 2016.
import { activate } from '@dl/core/kernels/activations';
import { gemm, gemmPacked, gemmScratch } from '@dl/core/kernels/gemm';
import { Geometry } from '@dl/core/kernels/geometry';
import { madd } from '@dl/core/kernels/simd';

/** Points in one direction, which is the side of a tile of the image. */
const SIDE: i32 = 8;
const POINTS: i32 = SIDE * SIDE;
/** Bytes between the places of a vector at two neighbours of a tile in scratch memory. */
const LANES: usize = 16;
/** Tiles in a block. */
const BLOCK: i32 = 48;
/** The depth up to which a packed matrix is one block. */
const MAX_CHANNELS: i32 = 512;

/** Whether it applies, and pays: a matrix product would take `positions` rows an image. */
export function suitsWinograd(g: Geometry, positions: i32): bool {
  const taps = g.filterHeight * g.filterWidth;
  return g.strideHeight == 1 && g.strideWidth == 1 && g.dilationHeight == 1 && g.dilationWidth == 1
    && g.groups == 1 && g.filterDepth == 1 && g.inDepth == 1
    && g.filterHeight >= 3 && g.filterHeight <= 6 && g.filterWidth >= 3 && g.filterWidth <= 6
    && g.inChannels % 4 == 0 && g.outChannels % 4 == 0
    && g.inChannels >= 16 && g.outChannels >= 16 && g.inChannels <= MAX_CHANNELS && g.outChannels <= MAX_CHANNELS
    && positions * taps >= 2 * POINTS * tilesOf(g) && g.batch * tilesOf(g) >= 16;
}

/** Rows of outputs of a tile, and columns. */
// @ts-ignore: decorator
@inline
function tileHeight(g: Geometry): i32 {
  return SIDE + 1 - g.filterHeight;
}

// @ts-ignore: decorator
@inline
function tileWidth(g: Geometry): i32 {
  return SIDE + 1 - g.filterWidth;
}

// @ts-ignore: decorator
@inline
function tilesDown(g: Geometry): i32 {
  return (g.outHeight + tileHeight(g) - 1) / tileHeight(g);
}

// @ts-ignore: decorator
@inline
function tilesAcross(g: Geometry): i32 {
  return (g.outWidth + tileWidth(g) - 1) / tileWidth(g);
}

// @ts-ignore: decorator
@inline
function tilesOf(g: Geometry): i32 {
  return tilesDown(g) * tilesAcross(g);
}

// Scratch memory: the constants, a tile of vectors twice, a tile of pixels with its zeros, what gemm needs; then for each
// point the filter (or its gradient), the image's tiles, and the outputs' tiles.
const CONSTANTS_BYTES: usize = 256;
const TILE_BYTES: usize = <usize>POINTS * LANES;

// @ts-ignore: decorator
@inline
function pixelsBytes(g: Geometry): usize {
  return (<usize>POINTS * <usize>max(g.inChannels, g.outChannels)) << 2;
}

// @ts-ignore: decorator
@inline
function productScratch(g: Geometry): usize {
  return (gemmScratch(g.inChannels, g.outChannels, BLOCK) + 255) & ~255;
}

/** Floats of the filter at one point, in panels of 8 output channels. */
// @ts-ignore: decorator
@inline
function filterSize(g: Geometry): i32 {
  return g.inChannels * ((g.outChannels + 7) & ~7);
}

/** Floats of a block's tiles at one point; no power of two, or all points would compete for the same places in the cache. */
// @ts-ignore: decorator
@inline
function blockSize(channels: i32): i32 {
  return BLOCK * channels + 16;
}

export function winogradScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  const floats = filterSize(g) + blockSize(g.inChannels) + blockSize(g.outChannels);
  return CONSTANTS_BYTES + 2 * TILE_BYTES + pixelsBytes(g) + productScratch(g) + ((<usize>POINTS * <usize>floats) << 2);
}

/** y = act(x * w + bias) */
export function winograd(
  geometry: usize, x: usize, w: usize, bias: usize, activation: i32, alpha: f32, y: usize, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const work = scratch + CONSTANTS_BYTES + 2 * TILE_BYTES + pixelsBytes(g);
  const filters = work + productScratch(g);
  const images = filters + ((<usize>POINTS * <usize>filterSize(g)) << 2);
  const products = images + ((<usize>POINTS * <usize>blockSize(g.inChannels)) << 2);
  const filterStep = <usize>filterSize(g) << 2;
  const imageStep = <usize>blockSize(g.inChannels) << 2;
  const productStep = <usize>blockSize(g.outChannels) << 2;

  writeConstants(scratch);
  evaluateFilter(g, w, filters, filterStep, scratch);
  const total = g.batch * tilesOf(g);
  for (let first = 0; first < total; first += BLOCK) {
    const count = min(BLOCK, total - first);
    evaluateImage(g, x, first, count, images, imageStep, scratch);
    for (let p: usize = 0; p < <usize>POINTS; p++) {
      gemmPacked(
        count, g.outChannels, g.inChannels, images + p * imageStep, g.inChannels, filters + p * filterStep,
        products + p * productStep, g.outChannels, 0, work,
      );
    }
    interpolateOutputs(g, products, productStep, first, count, bias, y, scratch);
  }
  if (activation) activate(y, g.batch * g.outHeight * g.outWidth * g.outChannels, activation, alpha);
}

/** dw = the gradient of the filter, from x and dy */
export function winogradFilterGradient(geometry: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const work = scratch + CONSTANTS_BYTES + 2 * TILE_BYTES + pixelsBytes(g);
  const filters = work + productScratch(g);
  const images = filters + ((<usize>POINTS * <usize>filterSize(g)) << 2);
  const outputs = images + ((<usize>POINTS * <usize>blockSize(g.inChannels)) << 2);
  const filterStep = <usize>filterSize(g) << 2;
  const imageStep = <usize>blockSize(g.inChannels) << 2;
  const outputStep = <usize>blockSize(g.outChannels) << 2;

  writeConstants(scratch);
  const total = g.batch * tilesOf(g);
  for (let first = 0; first < total; first += BLOCK) {
    const count = min(BLOCK, total - first);
    evaluateImage(g, x, first, count, images, imageStep, scratch);
    evaluateOutputs(g, dy, first, count, outputs, outputStep, scratch);
    for (let p: usize = 0; p < <usize>POINTS; p++) {
      gemm(
        1, 0, g.inChannels, g.outChannels, count, images + p * imageStep, g.inChannels,
        outputs + p * outputStep, g.outChannels, filters + p * filterStep, g.outChannels, first > 0 ? 1 : 0, 0, 0, 0, work,
      );
    }
  }
  interpolateFilter(g, filters, filterStep, dw, scratch);
}

/** The filter at all points: w [height, width, in, out] to panels [out / 8, in, 8]. */
function evaluateFilter(g: Geometry, w: usize, to: usize, toStep: usize, scratch: usize): void {
  const tile = scratch + CONSTANTS_BYTES;
  const tap = <usize>(g.inChannels * g.outChannels) << 2;
  for (let o = 0; o < g.outChannels; o += 4) {
    let at = to + ((<usize>(o >> 3) * <usize>g.inChannels) << 5) + (<usize>(o & 4) << 2);
    let from = w + (<usize>o << 2);
    for (let c = 0; c < g.inChannels; c++) {
      evaluateTile(g.filterHeight, g.filterWidth, from, <usize>g.filterWidth * tap, tap, at, toStep, tile, scratch);
      if (o + 4 == g.outChannels && (o & 4) == 0) {
        for (let p: usize = 0; p < <usize>POINTS; p++) v128.store(at + p * toStep, i32x4.splat(0), 16);
      }
      from += <usize>g.outChannels << 2;
      at += 32;
    }
  }
}

/** A block's tiles of the image at all points: [tile, in] for each. */
function evaluateImage(g: Geometry, x: usize, first: i32, count: i32, to: usize, toStep: usize, scratch: usize): void {
  const tile = scratch + CONSTANTS_BYTES;
  const pixels = tile + 2 * TILE_BYTES;
  const pixel = <usize>g.inChannels << 2;
  for (let t = first; t < first + count; t++) {
    const inImage = t % tilesOf(g);
    const top = inImage / tilesAcross(g) * tileHeight(g) - g.padTop;
    const left = inImage % tilesAcross(g) * tileWidth(g) - g.padLeft;
    const image = x + <usize>(t / tilesOf(g) * g.inHeight * g.inWidth) * pixel;
    let from = image + <usize>(top * g.inWidth + left) * pixel;
    let row = <usize>g.inWidth * pixel;
    if (top < 0 || left < 0 || top + SIDE > g.inHeight || left + SIDE > g.inWidth) {
      copyTile(image, g.inHeight, g.inWidth, pixel, top, left, SIDE, SIDE, pixels);
      from = pixels;
      row = <usize>SIDE * pixel;
    }
    for (let c = 0; c < g.inChannels; c += 4) {
      transformTile(from, row, pixel, to, toStep, tile, scratch);
      from += 16;
      to += 16;
    }
  }
}

/** A block's tiles of dy, as filters, at all points: [tile, out] for each. */
function evaluateOutputs(g: Geometry, dy: usize, first: i32, count: i32, to: usize, toStep: usize, scratch: usize): void {
  const tile = scratch + CONSTANTS_BYTES;
  const pixels = tile + 2 * TILE_BYTES;
  const pixel = <usize>g.outChannels << 2;
  const height = tileHeight(g), width = tileWidth(g);
  for (let t = first; t < first + count; t++) {
    const inImage = t % tilesOf(g);
    const top = inImage / tilesAcross(g) * height;
    const left = inImage % tilesAcross(g) * width;
    const image = dy + <usize>(t / tilesOf(g) * g.outHeight * g.outWidth) * pixel;
    let from = image + <usize>(top * g.outWidth + left) * pixel;
    let row = <usize>g.outWidth * pixel;
    if (top + height > g.outHeight || left + width > g.outWidth) {
      copyTile(image, g.outHeight, g.outWidth, pixel, top, left, height, width, pixels);
      from = pixels;
      row = <usize>width * pixel;
    }
    for (let c = 0; c < g.outChannels; c += 4) {
      evaluateTile(height, width, from, row, pixel, to, toStep, tile, scratch);
      from += 16;
      to += 16;
    }
  }
}

/** Copies a part of an image, with zeros where it reaches over the border. */
function copyTile(
  image: usize, height: i32, width: i32, pixel: usize, top: i32, left: i32, rows: i32, columns: i32, to: usize,
): void {
  const line = <usize>columns * pixel;
  const before = min(columns, max(0, -left));
  const inside = max(0, min(columns, width - left) - before);
  for (let i = top; i < top + rows; i++) {
    if (i < 0 || i >= height || inside == 0) {
      memory.fill(to, 0, line);
    } else {
      memory.fill(to, 0, <usize>before * pixel);
      memory.copy(to + <usize>before * pixel, image + <usize>(i * width + left + before) * pixel, <usize>inside * pixel);
      memory.fill(to + <usize>(before + inside) * pixel, 0, <usize>(columns - before - inside) * pixel);
    }
    to += line;
  }
}

/** The outputs of a block's tiles, with the bias. */
function interpolateOutputs(
  g: Geometry, from: usize, fromStep: usize, first: i32, count: i32, bias: usize, y: usize, scratch: usize,
): void {
  const tile = scratch + CONSTANTS_BYTES;
  const values = tile + TILE_BYTES;
  const pixel = <usize>g.outChannels << 2;
  const height = tileHeight(g), width = tileWidth(g);
  for (let t = first; t < first + count; t++) {
    const inImage = t % tilesOf(g);
    const top = inImage / tilesAcross(g) * height;
    const left = inImage % tilesAcross(g) * width;
    const rows = min(height, g.outHeight - top), columns = min(width, g.outWidth - left);
    let to = y + <usize>((t / tilesOf(g) * g.outHeight + top) * g.outWidth + left) * pixel;
    for (let c = 0; c < g.outChannels; c += 4) {
      interpolateTile(height, width, from, fromStep, values, tile, scratch);
      const shift = bias ? v128.load(bias + (<usize>c << 2)) : f32x4.splat(0);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const value = v128.load(values + (<usize>i * <usize>SIDE + <usize>j) * LANES);
          v128.store(to + <usize>(i * g.outWidth + j) * pixel, f32x4.add(value, shift));
        }
      }
      from += 16;
      to += 16;
    }
  }
}

/** The gradient of the filter from its products at all points: [in, out] for each. */
function interpolateFilter(g: Geometry, from: usize, fromStep: usize, dw: usize, scratch: usize): void {
  const tile = scratch + CONSTANTS_BYTES;
  const values = tile + TILE_BYTES;
  const tap = <usize>(g.inChannels * g.outChannels) << 2;
  for (let e: usize = 0; e < tap; e += 16) {
    interpolateTile(g.filterHeight, g.filterWidth, from + e, fromStep, values, tile, scratch);
    let to = dw + e;
    for (let h: usize = 0; h < <usize>g.filterHeight; h++) {
      for (let k: usize = 0; k < <usize>g.filterWidth; k++) {
        v128.store(to, v128.load(values + (h * <usize>SIDE + k) * LANES));
        to += tap;
      }
    }
  }
}

// The three transforms, each along the rows and then along the columns, for four channels at a time.

/** A tile of the image at all points: B^T d B. */
// @ts-ignore: decorator
@inline
function transformTile(from: usize, row: usize, column: usize, to: usize, toStep: usize, tile: usize, constants: usize): void {
  for (let i: usize = 0; i < <usize>SIDE; i++) {
    transform(from + i * row, column, tile + i * <usize>SIDE * LANES, LANES, constants);
  }
  for (let j: usize = 0; j < <usize>SIDE; j++) {
    transform(tile + j * LANES, <usize>SIDE * LANES, to + j * toStep, <usize>SIDE * toStep, constants);
  }
}

/** A filter of rows x columns at all points: G g G^T. */
// @ts-ignore: decorator
@inline
function evaluateTile(
  rows: i32, columns: i32, from: usize, row: usize, column: usize, to: usize, toStep: usize, tile: usize, constants: usize,
): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    evaluate(columns, from + i * row, column, tile + i * <usize>SIDE * LANES, LANES, constants);
  }
  for (let j: usize = 0; j < <usize>SIDE; j++) {
    evaluate(rows, tile + j * LANES, <usize>SIDE * LANES, to + j * toStep, <usize>SIDE * toStep, constants);
  }
}

/** The rows x columns that have the given products at all points: A^T m A; the rows of `to` are 8 apart. */
// @ts-ignore: decorator
@inline
function interpolateTile(
  rows: i32, columns: i32, from: usize, fromStep: usize, to: usize, tile: usize, constants: usize,
): void {
  for (let j: usize = 0; j < <usize>SIDE; j++) {
    interpolate(rows, from + j * fromStep, <usize>SIDE * fromStep, tile + j * LANES, <usize>SIDE * LANES, constants);
  }
  for (let i: usize = 0; i < <usize>rows; i++) {
    interpolate(columns, tile + i * <usize>SIDE * LANES, LANES, to + i * <usize>SIDE * LANES, LANES, constants);
  }
}

// Places of the constants.
const C_5_25: usize = 0, C_4_25: usize = 16, C_2_5: usize = 32, C_1_25: usize = 48, C_QUARTER: usize = 64, C_HALF: usize = 80;
const C_2: usize = 96, C_4: usize = 112, C_5: usize = 128, C_8: usize = 144, C_16: usize = 160, C_32: usize = 176;
const C_2_9: usize = 192, C_1_90: usize = 208, C_32_45: usize = 224;

function writeConstants(to: usize): void {
  v128.store(to, f32x4.splat(5.25), C_5_25);
  v128.store(to, f32x4.splat(4.25), C_4_25);
  v128.store(to, f32x4.splat(2.5), C_2_5);
  v128.store(to, f32x4.splat(1.25), C_1_25);
  v128.store(to, f32x4.splat(0.25), C_QUARTER);
  v128.store(to, f32x4.splat(0.5), C_HALF);
  v128.store(to, f32x4.splat(2), C_2);
  v128.store(to, f32x4.splat(4), C_4);
  v128.store(to, f32x4.splat(5), C_5);
  v128.store(to, f32x4.splat(8), C_8);
  v128.store(to, f32x4.splat(16), C_16);
  v128.store(to, f32x4.splat(32), C_32);
  v128.store(to, f32x4.splat(<f32>(-2.0 / 9.0)), C_2_9);
  v128.store(to, f32x4.splat(<f32>(1.0 / 90.0)), C_1_90);
  v128.store(to, f32x4.splat(<f32>(32.0 / 45.0)), C_32_45);
}

/** 8 values d to their 8 points; the last one is the point at infinity. */
// @ts-ignore: decorator
@inline
function transform(from: usize, step: usize, to: usize, toStep: usize, k: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step), d3 = v128.load(from + 3 * step);
  const d4 = v128.load(from + 4 * step), d5 = v128.load(from + 5 * step), d6 = v128.load(from + 6 * step), d7 = v128.load(from + 7 * step);
  v128.store(to, madd(f32x4.sub(d4, d2), v128.load(k, C_5_25), f32x4.sub(d0, d6)));
  v128.store(to + 7 * toStep, madd(f32x4.sub(d3, d5), v128.load(k, C_5_25), f32x4.sub(d7, d1)));

  let even = f32x4.sub(f32x4.add(d2, d6), f32x4.mul(d4, v128.load(k, C_4_25)));
  let odd = f32x4.sub(f32x4.add(d1, d5), f32x4.mul(d3, v128.load(k, C_4_25)));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));

  const middle = f32x4.mul(d3, v128.load(k, C_2_5));
  even = f32x4.sub(madd(d2, v128.load(k, C_QUARTER), d6), f32x4.mul(d4, v128.load(k, C_1_25)));
  odd = f32x4.sub(madd(d1, v128.load(k, C_HALF), f32x4.add(d5, d5)), middle);
  v128.store(to + 3 * toStep, f32x4.add(even, odd));
  v128.store(to + 4 * toStep, f32x4.sub(even, odd));

  even = f32x4.sub(madd(d2, v128.load(k, C_4), d6), f32x4.mul(d4, v128.load(k, C_5)));
  odd = f32x4.sub(madd(d5, v128.load(k, C_HALF), f32x4.add(d1, d1)), middle);
  v128.store(to + 5 * toStep, f32x4.add(even, odd));
  v128.store(to + 6 * toStep, f32x4.sub(even, odd));
}

/** `count` (3 to 6) coefficients to their values at the 8 points. */
// @ts-ignore: decorator
@inline
function evaluate(count: i32, from: usize, step: usize, to: usize, toStep: usize, k: usize): void {
  const zero = f32x4.splat(0);
  const g0 = v128.load(from), g1 = v128.load(from + step), g2 = v128.load(from + 2 * step);
  const g3 = count > 3 ? v128.load(from + 3 * step) : zero;
  const g4 = count > 4 ? v128.load(from + 4 * step) : zero;
  const g5 = count > 5 ? v128.load(from + 5 * step) : zero;
  v128.store(to, g0);
  v128.store(to + 7 * toStep, v128.load(from + <usize>(count - 1) * step));

  let scale = v128.load(k, C_2_9);
  let even = f32x4.mul(f32x4.add(f32x4.add(g0, g2), g4), scale);
  let odd = f32x4.mul(f32x4.add(f32x4.add(g1, g3), g5), scale);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));

  scale = v128.load(k, C_1_90);
  const four = v128.load(k, C_4);
  even = f32x4.mul(madd(madd(g4, four, g2), four, g0), scale);
  odd = f32x4.mul(madd(madd(g5, four, g3), four, g1), f32x4.add(scale, scale));
  v128.store(to + 3 * toStep, f32x4.add(even, odd));
  v128.store(to + 4 * toStep, f32x4.sub(even, odd));

  scale = v128.load(k, C_32_45);
  const quarter = v128.load(k, C_QUARTER);
  even = f32x4.mul(madd(madd(g4, quarter, g2), quarter, g0), scale);
  odd = f32x4.mul(f32x4.mul(madd(madd(g5, quarter, g3), quarter, g1), scale), v128.load(k, C_HALF));
  v128.store(to + 5 * toStep, f32x4.add(even, odd));
  v128.store(to + 6 * toStep, f32x4.sub(even, odd));
}

/** Products at the 8 points to the `count` (3 to 6) outputs. */
// @ts-ignore: decorator
@inline
function interpolate(count: i32, from: usize, step: usize, to: usize, toStep: usize, k: usize): void {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step), m6 = v128.load(from + 6 * step);
  const e1 = f32x4.add(m1, m2), o1 = f32x4.sub(m1, m2);
  const e2 = f32x4.add(m3, m4), o2 = f32x4.sub(m3, m4);
  const e3 = f32x4.add(m5, m6), o3 = f32x4.sub(m5, m6);
  const quarter = v128.load(k, C_QUARTER), half = v128.load(k, C_HALF);
  let last = f32x4.add(f32x4.add(v128.load(from), e1), f32x4.add(e2, e3));
  v128.store(to, last);
  last = madd(o3, half, madd(o2, v128.load(k, C_2), o1));
  v128.store(to + toStep, last);
  last = madd(e3, quarter, madd(e2, v128.load(k, C_4), e1));
  if (count > 3) {
    v128.store(to + 2 * toStep, last);
    const eighth = f32x4.mul(quarter, half);
    last = madd(o3, eighth, madd(o2, v128.load(k, C_8), o1));
    if (count > 4) {
      v128.store(to + 3 * toStep, last);
      last = madd(e3, f32x4.mul(quarter, quarter), madd(e2, v128.load(k, C_16), e1));
      if (count > 5) {
        v128.store(to + 4 * toStep, last);
        last = madd(o3, f32x4.mul(quarter, eighth), madd(o2, v128.load(k, C_32), o1));
      }
    }
  }
  v128.store(to + <usize>(count - 1) * toStep, f32x4.add(last, v128.load(from + 7 * step)));
}
