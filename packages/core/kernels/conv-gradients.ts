// Gradients of convolutions. A patch is what one output position sees of the input: its row of the matrix P, in the
// order of the filter. With the filter as a matrix W, y = P W, so dW = P^T dy, and dP = dy W^T is added up into dx. P is
// made in chunks that fit the second-level cache, and never stands in memory as a whole.
import { gemm, gemmScratch } from './gemm';
import { endColumn, firstColumn, Geometry, positions } from './geometry';
import { madd } from './simd';

/** Bytes of scratch memory for the two gradients below. */
export function convolutionScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  const size = patchSize(g);
  const rows = chunk(g);
  const out = g.outChannels / g.groups;
  const products = max(gemmScratch(size, out, rows), gemmScratch(rows, size, out));
  const whole = max(gemmScratch(size, out, positions(g)), gemmScratch(positions(g), size, out));
  return isPointwise(g) ? whole : products + ((<usize>rows * <usize>size) << 2);
}

/** dw = P^T dy */
export function convolutionFilterGradient(geometry: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
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
export function convolutionInputGradient(geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize): void {
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

/** Bytes of scratch memory for the two depthwise gradients: one row of the input, a copy for each channel multiplier. */
export function depthwiseScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  return (<usize>g.inWidth * <usize>g.outChannels) << 2;
}

/** dw[h,w,c,m] = sum of x at the tap (h,w), channel c, times dy[c m], over all positions; out channels are (c, m). */
export function depthwiseFilterGradient(geometry: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outChannels;
  const pixel = <usize>channels << 2;
  memory.fill(dw, 0, <usize>(g.filterHeight * g.filterWidth) * pixel);
  for (let n = 0; n < g.batch; n++) {
    for (let y = 0; y < g.inHeight; y++) {
      const line = repeated(g, x + ((<usize>(n * g.inHeight + y) * <usize>g.inWidth * <usize>g.inChannels) << 2), scratch);
      for (let h = 0; h < g.filterHeight; h++) {
        const row = outputRow(g, y, h);
        if (row < 0) continue;
        const from = dy + <usize>((n * g.outHeight + row) * g.outWidth) * pixel;
        for (let w = 0; w < g.filterWidth; w++) {
          const offset = w * g.dilationWidth;
          const first = firstColumn(g, offset), count = endColumn(g, offset) - first;
          if (count <= 0) continue;
          productSums(
            channels, count,
            line + <usize>(first * g.strideWidth - g.padLeft + offset) * pixel, <usize>g.strideWidth * pixel,
            from + <usize>first * pixel, pixel,
            dw + <usize>(h * g.filterWidth + w) * pixel,
          );
        }
      }
    }
  }
}

/** dx[c] = sum of dy[c m] w[h,w,c,m] over the taps (h,w) through which a position sees the pixel, and over m. */
export function depthwiseInputGradient(geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outChannels;
  const pixel = <usize>channels << 2;
  const multiplier = g.inChannels ? channels / g.inChannels : 0;
  for (let n = 0; n < g.batch; n++) {
    for (let y = 0; y < g.inHeight; y++) {
      const to = dx + ((<usize>(n * g.inHeight + y) * <usize>g.inWidth * <usize>g.inChannels) << 2);
      const line = multiplier == 1 ? to : scratch;
      memory.fill(line, 0, <usize>g.inWidth * pixel);
      for (let h = 0; h < g.filterHeight; h++) {
        const row = outputRow(g, y, h);
        if (row < 0) continue;
        const from = dy + <usize>((n * g.outHeight + row) * g.outWidth) * pixel;
        for (let k = 0; k < g.filterWidth; k++) {
          const offset = k * g.dilationWidth;
          const first = firstColumn(g, offset), count = endColumn(g, offset) - first;
          if (count <= 0) continue;
          addProducts(
            channels, count,
            from + <usize>first * pixel, pixel,
            w + <usize>(h * g.filterWidth + k) * pixel,
            line + <usize>(first * g.strideWidth - g.padLeft + offset) * pixel, <usize>g.strideWidth * pixel,
          );
        }
      }
      if (multiplier != 1) sumGroups(g.inWidth * g.inChannels, multiplier, line, to);
    }
  }
}

/** The output row that sees the input row `y` through row `h` of the filter, or -1. */
// @ts-ignore: decorator
@inline
function outputRow(g: Geometry, y: i32, h: i32): i32 {
  const shifted = y + g.padTop - h * g.dilationHeight;
  if (shifted < 0 || shifted % g.strideHeight) return -1;
  const row = shifted / g.strideHeight;
  return row < g.outHeight ? row : -1;
}

/** A row of the input with every channel repeated for its multipliers; the row itself where there is one. */
function repeated(g: Geometry, line: usize, to: usize): usize {
  const multiplier = g.inChannels ? g.outChannels / g.inChannels : 0;
  if (multiplier == 1) return line;
  let at = to;
  for (let i = g.inWidth * g.inChannels; i > 0; i--) {
    const v = load<f32>(line);
    for (let m = 0; m < multiplier; m++) {
      store<f32>(at, v);
      at += 4;
    }
    line += 4;
  }
  return to;
}

function sumGroups(n: i32, size: i32, from: usize, to: usize): void {
  for (; n > 0; n--) {
    let sum: f32 = 0;
    for (let m = 0; m < size; m++) {
      sum += load<f32>(from);
      from += 4;
    }
    store<f32>(to, sum);
    to += 4;
  }
}

/** sums[c] += a[i,c] b[i,c] over `count` pixels. */
function productSums(channels: i32, count: i32, a: usize, aStep: usize, b: usize, bStep: usize, sums: usize): void {
  let c = channels;
  for (; c >= 16; c -= 16) {
    let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
    let p = a, q = b;
    for (let i = 0; i < count; i++) {
      s0 = madd(v128.load(p), v128.load(q), s0);
      s1 = madd(v128.load(p, 16), v128.load(q, 16), s1);
      s2 = madd(v128.load(p, 32), v128.load(q, 32), s2);
      s3 = madd(v128.load(p, 48), v128.load(q, 48), s3);
      p += aStep;
      q += bStep;
    }
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
    v128.store(sums, s3, 48);
    a += 64;
    b += 64;
    sums += 64;
  }
  for (; c >= 4; c -= 4) {
    let s = v128.load(sums);
    let p = a, q = b;
    for (let i = 0; i < count; i++) {
      s = madd(v128.load(p), v128.load(q), s);
      p += aStep;
      q += bStep;
    }
    v128.store(sums, s);
    a += 16;
    b += 16;
    sums += 16;
  }
  for (; c > 0; c--) {
    let s = load<f32>(sums);
    let p = a, q = b;
    for (let i = 0; i < count; i++) {
      s += load<f32>(p) * load<f32>(q);
      p += aStep;
      q += bStep;
    }
    store<f32>(sums, s);
    a += 4;
    b += 4;
    sums += 4;
  }
}

/** to[i,c] += a[i,c] factors[c] for `count` pixels. */
function addProducts(channels: i32, count: i32, a: usize, aStep: usize, factors: usize, to: usize, toStep: usize): void {
  let c = channels;
  for (; c >= 16; c -= 16) {
    const f0 = v128.load(factors), f1 = v128.load(factors, 16), f2 = v128.load(factors, 32), f3 = v128.load(factors, 48);
    let p = a, q = to;
    for (let i = 0; i < count; i++) {
      v128.store(q, madd(v128.load(p), f0, v128.load(q)));
      v128.store(q, madd(v128.load(p, 16), f1, v128.load(q, 16)), 16);
      v128.store(q, madd(v128.load(p, 32), f2, v128.load(q, 32)), 32);
      v128.store(q, madd(v128.load(p, 48), f3, v128.load(q, 48)), 48);
      p += aStep;
      q += toStep;
    }
    a += 64;
    factors += 64;
    to += 64;
  }
  for (; c >= 4; c -= 4) {
    const f = v128.load(factors);
    let p = a, q = to;
    for (let i = 0; i < count; i++) {
      v128.store(q, madd(v128.load(p), f, v128.load(q)));
      p += aStep;
      q += toStep;
    }
    a += 16;
    factors += 16;
    to += 16;
  }
  for (; c > 0; c--) {
    const f = load<f32>(factors);
    let p = a, q = to;
    for (let i = 0; i < count; i++) {
      store<f32>(q, load<f32>(p) * f + load<f32>(q));
      p += aStep;
      q += toStep;
    }
    a += 4;
    factors += 4;
    to += 4;
  }
}
