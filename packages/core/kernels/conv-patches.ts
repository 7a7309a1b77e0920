// Gradients of convolutions in one to three dimensions, of any geometry. A patch is what one output position sees of the input: its row of the matrix P, in the
// order of the filter. With the filter as a matrix W, y = P W, so dW = P^T dy, and dP = dy W^T is added up into dx. P is
// made in chunks that fit the second-level cache, and never stands in memory as a whole.
import { gemm, gemmScratch } from './gemm';
import { Geometry, positions } from './geometry';

/** Bytes of scratch memory for the two gradients below. */
export function patchesScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  const size = patchSize(g);
  const rows = chunk(g);
  const out = g.outChannels / g.groups;
  const products = max(gemmScratch(size, out, rows), gemmScratch(rows, size, out));
  const whole = max(gemmScratch(size, out, positions(g)), gemmScratch(positions(g), size, out));
  return isPointwise(g) ? whole : products + ((<usize>rows * <usize>size) << 2);
}

/** dw = P^T dy */
export function filterGradientByPatches(geometry: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const size = patchSize(g);
  const total = positions(g);
  const all = g.outChannels;
  const out = all / g.groups;
  const rows = chunk(g);
  const work = scratch + ((<usize>rows * <usize>size) << 2);
  for (let group = 0; group < g.groups; group++) {
    if (isPointwise(g) || total == 0) {
      gemm(1, 0, size, out, total, x + (<usize>(group * size) << 2), g.inChannels, dy, all, dw, all, 0, 0, 0, 0, scratch);
    } else {
      for (let first = 0; first < total; first += rows) {
        const count = min(rows, total - first);
        gatherPatches(g, group, x, first, count, scratch);
        const from = dy + ((<usize>first * <usize>all) << 2);
        gemm(1, 0, size, out, count, scratch, size, from, all, dw, all, first > 0 ? 1 : 0, 0, 0, 0, work);
      }
    }
    dy += <usize>out << 2;
    dw += <usize>out << 2;
  }
}

/** dx = dy W^T, every element of a patch added to the place it was taken from. */
export function inputGradientByPatches(geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const size = patchSize(g);
  const total = positions(g);
  const all = g.outChannels;
  const out = all / g.groups;
  const rows = chunk(g);
  const work = scratch + ((<usize>rows * <usize>size) << 2);
  if (!isPointwise(g)) {
    memory.fill(dx, 0, (<usize>g.batch * <usize>g.inDepth * <usize>g.inHeight * <usize>g.inWidth * <usize>g.inChannels) << 2);
  }
  for (let group = 0; group < g.groups; group++) {
    if (isPointwise(g)) {
      gemm(0, 1, total, size, out, dy, all, w, all, dx + (<usize>(group * size) << 2), g.inChannels, 0, 0, 0, 0, scratch);
    } else {
      for (let first = 0; first < total; first += rows) {
        const count = min(rows, total - first);
        const from = dy + ((<usize>first * <usize>all) << 2);
        gemm(0, 1, count, size, out, from, all, w, all, scratch, size, 0, 0, 0, 0, work);
        scatterPatches(g, group, scratch, first, count, dx);
      }
    }
    dy += <usize>out << 2;
    w += <usize>out << 2;
  }
}

/** Writes what `count` output positions, counted over the whole batch, see of a group's channels, as rows. */
export function gatherPatches(g: Geometry, group: i32, x: usize, first: i32, count: i32, patches: usize): void {
  visitPatches(true, g, group, x, first, count, patches);
}

/** Adds rows of patches to the places of the image that they were taken from. */
export function scatterPatches(g: Geometry, group: i32, patches: usize, first: i32, count: i32, x: usize): void {
  visitPatches(false, g, group, x, first, count, patches);
}

// @ts-ignore: decorator
@inline
function visitPatches(gather: bool, g: Geometry, group: i32, x: usize, first: i32, count: i32, patch: usize): void {
  const pixel = <usize>g.inChannels << 2;
  const part = pixel / <usize>g.groups;
  x += <usize>group * part;
  const taps = g.dilationWidth == 1 && g.groups == 1 ? g.filterWidth : 1; // neighbours in the patch that are neighbours in the image
  let column = first % g.outWidth;
  let rest = first / g.outWidth;
  let row = rest % g.outHeight;
  rest /= g.outHeight;
  let plane = rest % g.outDepth;
  let image = rest / g.outDepth;
  for (; count > 0; count--) {
    for (let d = 0; d < g.filterDepth; d++) {
      const z = plane * g.strideDepth - g.padFront + d * g.dilationDepth;
      for (let h = 0; h < g.filterHeight; h++) {
        const y = row * g.strideHeight - g.padTop + h * g.dilationHeight;
        if (<u32>z >= <u32>g.inDepth || <u32>y >= <u32>g.inHeight) {
          if (gather) clear(patch, <usize>g.filterWidth * part);
          patch += <usize>g.filterWidth * part;
          continue;
        }
        const line = x + <usize>((image * g.inDepth + z) * g.inHeight + y) * <usize>g.inWidth * pixel;
        for (let w = 0; w < g.filterWidth; w += taps) {
          const start = column * g.strideWidth - g.padLeft + w * g.dilationWidth;
          const left = min(taps, max(0, -start));
          const right = max(left, min(taps, g.inWidth - start));
          const at = line + <usize>(start + left) * pixel;
          const bytes = <usize>(right - left) * part;
          if (gather) {
            clear(patch, <usize>left * part);
            copy(at, patch + <usize>left * part, bytes);
            clear(patch + <usize>right * part, <usize>(taps - right) * part);
          } else {
            addTo(at, patch + <usize>left * part, bytes);
          }
          patch += <usize>taps * part;
        }
      }
    }
    if (++column == g.outWidth) {
      column = 0;
      if (++row == g.outHeight) {
        row = 0;
        if (++plane == g.outDepth) {
          plane = 0;
          image++;
        }
      }
    }
  }
}

// Runs of a few floats: memory.copy and memory.fill are calls out of the module, which cost more than these loops.

// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize, bytes: usize): void {
  for (; bytes >= 16; bytes -= 16) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  for (; bytes > 0; bytes -= 4) {
    store<u32>(to, load<u32>(from));
    from += 4;
    to += 4;
  }
}

// @ts-ignore: decorator
@inline
function clear(to: usize, bytes: usize): void {
  for (; bytes > 0; bytes -= 4) {
    store<u32>(to, 0);
    to += 4;
  }
}

// @ts-ignore: decorator
@inline
function addTo(to: usize, from: usize, bytes: usize): void {
  for (; bytes >= 16; bytes -= 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
  }
  for (; bytes > 0; bytes -= 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += 4;
  }
}

// @ts-ignore: decorator
@inline
function patchSize(g: Geometry): i32 {
  return g.filterDepth * g.filterHeight * g.filterWidth * (g.inChannels / g.groups);
}

/** Patches in a chunk: about 1 MiB. */
// @ts-ignore: decorator
@inline
function chunk(g: Geometry): i32 {
  return min(max(1, positions(g)), max(64, min(512, (1 << 18) / max(1, patchSize(g)))));
}

/** Whether the patches are the pixels themselves. */
// @ts-ignore: decorator
@inline
function isPointwise(g: Geometry): bool {
  return g.filterDepth * g.filterHeight * g.filterWidth == 1
    && g.strideDepth * g.strideHeight * g.strideWidth == 1
    && (g.padFront | g.padTop | g.padLeft) == 0
    && g.outDepth == g.inDepth && g.outHeight == g.inHeight && g.outWidth == g.inWidth;
}
