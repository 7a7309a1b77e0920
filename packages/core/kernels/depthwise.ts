// Depthwise convolution with one filter a channel: too few products a value for a matrix product to pay.
import { activate } from './activations';
import { Geometry } from './geometry';
import { madd } from './simd';

/** y[n,row,column,c] = act(sum over the taps of x times w[h,k,c] + bias[c]); a bias of 0 is none. */
export function depthwise(geometry: usize, x: usize, w: usize, bias: usize, activation: i32, alpha: f32, y: usize): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  const pixel = <usize>channels << 2;
  const image = <usize>g.inHeight * <usize>g.inWidth * pixel;
  const start = y;
  for (let n = 0; n < g.batch; n++) {
    for (let row = 0; row < g.outHeight; row++) {
      const top = row * g.strideHeight - g.padTop;
      const h0 = firstTap(top, g.dilationHeight);
      const h1 = endTap(top, g.dilationHeight, g.inHeight, g.filterHeight);
      const fours = isThreeWide(g) ? max(0, min(g.outWidth, g.inWidth + g.padLeft - 2) - g.padLeft) >> 2 : 0;
      const firstFour = g.padLeft, endFours = firstFour + (fours << 2);
      if (fours) {
        const at = y + <usize>firstFour * pixel;
        rowOfFours(g, channels, pixel, x + <usize>((top + h0) * g.inWidth) * pixel, h1 - h0, fours, w + <usize>(h0 * 3) * pixel, bias, at);
      }
      for (let column = 0; column < g.outWidth; column++) {
        if (fours && column == firstFour) {
          column = endFours - 1;
          y += <usize>(endFours - firstFour) * pixel;
          continue;
        }
        const left = column * g.strideWidth - g.padLeft;
        const k0 = firstTap(left, g.dilationWidth);
        const k1 = endTap(left, g.dilationWidth, g.inWidth, g.filterWidth);
        window(g, channels, pixel, x, top, left, h0, h1, k0, k1, w, bias, y);
        y += pixel;
      }
    }
    x += image;
  }
  if (activation) activate(start, <i32>((y - start) >> 2), activation, alpha);
}

/** Whether four neighbouring outputs share six inputs of a row. */
// @ts-ignore: decorator
@inline
function isThreeWide(g: Geometry): bool {
  return g.filterWidth == 3 && g.strideWidth == 1 && g.dilationWidth == 1 && g.dilationHeight == 1 && (g.inChannels & 3) == 0;
}

/** Outputs of a row whose windows lie inside the image, four columns and four channels at a time. */
function rowOfFours(
  g: Geometry, channels: i32, pixel: usize, x: usize, heights: i32, fours: i32, w: usize, bias: usize, y: usize,
): void {
  const line = <usize>g.inWidth * pixel;
  const p2 = pixel << 1, p3 = p2 + pixel, p4 = pixel << 2, p5 = p4 + pixel;
  for (let c = channels; c > 0; c -= 4) {
    const start = bias ? v128.load(bias) : f32x4.splat(0);
    let from = x, to = y;
    for (let i = fours; i > 0; i--) {
      let s0 = start, s1 = start, s2 = start, s3 = start;
      let row = from, tap = w;
      for (let h = heights; h > 0; h--) {
        const w0 = v128.load(tap), w1 = v128.load(tap + pixel), w2 = v128.load(tap + p2);
        const x1 = v128.load(row + pixel), x2 = v128.load(row + p2), x3 = v128.load(row + p3), x4 = v128.load(row + p4);
        s0 = madd(v128.load(row), w0, s0);
        s1 = madd(x1, w0, s1);
        s2 = madd(x2, w0, s2);
        s3 = madd(x3, w0, s3);
        s0 = madd(x1, w1, s0);
        s1 = madd(x2, w1, s1);
        s2 = madd(x3, w1, s2);
        s3 = madd(x4, w1, s3);
        s0 = madd(x2, w2, s0);
        s1 = madd(x3, w2, s1);
        s2 = madd(x4, w2, s2);
        s3 = madd(v128.load(row + p5), w2, s3);
        row += line;
        tap += p3;
      }
      v128.store(to, s0);
      v128.store(to + pixel, s1);
      v128.store(to + p2, s2);
      v128.store(to + p3, s3);
      from += p4;
      to += p4;
    }
    x += 16;
    y += 16;
    w += 16;
    if (bias) bias += 16;
  }
}

/** The first tap of a window that lies inside the image. */
// @ts-ignore: decorator
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** One past the last such tap. */
// @ts-ignore: decorator
@inline
function endTap(start: i32, dilation: i32, size: i32, taps: i32): i32 {
  return start >= size ? 0 : min(taps, (size - 1 - start) / dilation + 1);
}

// @ts-ignore: decorator
@inline
function window(
  g: Geometry, channels: i32, pixel: usize, x: usize, top: i32, left: i32,
  h0: i32, h1: i32, k0: i32, k1: i32, w: usize, bias: usize, y: usize,
): void {
  const step = <usize>g.dilationWidth * pixel;
  let c = channels;
  for (; c >= 16; c -= 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    if (bias) {
      s0 = v128.load(bias);
      s1 = v128.load(bias, 16);
      s2 = v128.load(bias, 32);
      s3 = v128.load(bias, 48);
      bias += 64;
    }
    for (let h = h0; h < h1; h++) {
      let from = x + <usize>((top + h * g.dilationHeight) * g.inWidth + left + k0 * g.dilationWidth) * pixel;
      let tap = w + <usize>(h * g.filterWidth + k0) * pixel;
      for (let k = k0; k < k1; k++) {
        s0 = madd(v128.load(from), v128.load(tap), s0);
        s1 = madd(v128.load(from, 16), v128.load(tap, 16), s1);
        s2 = madd(v128.load(from, 32), v128.load(tap, 32), s2);
        s3 = madd(v128.load(from, 48), v128.load(tap, 48), s3);
        from += step;
        tap += pixel;
      }
    }
    v128.store(y, s0);
    v128.store(y, s1, 16);
    v128.store(y, s2, 32);
    v128.store(y, s3, 48);
    x += 64;
    w += 64;
    y += 64;
  }
  for (; c >= 4; c -= 4) {
    let s = f32x4.splat(0);
    if (bias) {
      s = v128.load(bias);
      bias += 16;
    }
    for (let h = h0; h < h1; h++) {
      for (let k = k0; k < k1; k++) {
        const from = x + <usize>((top + h * g.dilationHeight) * g.inWidth + left + k * g.dilationWidth) * pixel;
        s = madd(v128.load(from), v128.load(w + <usize>(h * g.filterWidth + k) * pixel), s);
      }
    }
    v128.store(y, s);
    x += 16;
    w += 16;
    y += 16;
  }
  for (; c > 0; c--) {
    let s: f32 = 0;
    if (bias) {
      s = load<f32>(bias);
      bias += 4;
    }
    for (let h = h0; h < h1; h++) {
      for (let k = k0; k < k1; k++) {
        const from = x + <usize>((top + h * g.dilationHeight) * g.inWidth + left + k * g.dilationWidth) * pixel;
        s += load<f32>(from) * load<f32>(w + <usize>(h * g.filterWidth + k) * pixel);
      }
    }
    store<f32>(y, s);
    x += 4;
    w += 4;
    y += 4;
  }
}
