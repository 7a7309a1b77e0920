// Gradients of depthwise convolutions: one row of the image and one tap of the filter at a time.
import { isMirrored, mirror } from './convolution-gradients';
import { depthwise } from './depthwise';
import { endColumn, firstColumn, Geometry } from './geometry';
import { madd } from './simd';

/** Bytes of scratch memory for the two depthwise gradients: a row of the input for each channel multiplier, or the filter. */
export function depthwiseScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  return (<usize>max(g.inWidth, g.filterHeight * g.filterWidth) * <usize>g.outChannels) << 2;
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
  if (multiplier == 1 && isMirrored(g)) {
    const taps = g.filterHeight * g.filterWidth;
    for (let t = 0; t < taps; t++) memory.copy(scratch + <usize>t * pixel, w + <usize>(taps - 1 - t) * pixel, pixel);
    mirror(g);
    depthwise(geometry, dy, scratch, 0, 0, 0, dx);
    mirror(g);
    return;
  }
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
