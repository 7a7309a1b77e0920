// The input gradient of a convolution over images of one channel: W dy^T for a whole image, one row a tap, and each row
// added to the image where its tap looks. With so few channels the taps of one patch are too short a run to add at a time.
import { gemm, gemmScratch } from './gemm';
import { endColumn, firstColumn, Geometry } from './geometry';

/** Bytes of scratch memory for `planeGradient`. */
export function planeGradientScratch(geometry: usize): usize {
  const g = changetype<Geometry>(geometry);
  const taps = g.filterHeight * g.filterWidth, positions = g.outHeight * g.outWidth;
  return productBytes(g) + gemmScratch(taps, positions, g.outChannels);
}

/** dx [batch, height, width, 1], from dy and w */
export function planeGradient(geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize): void {
  const g = changetype<Geometry>(geometry);
  const taps = g.filterHeight * g.filterWidth, positions = g.outHeight * g.outWidth;
  const work = scratch + productBytes(g);
  const plane = <usize>(g.inHeight * g.inWidth) << 2;
  memory.fill(dx, 0, <usize>g.batch * plane);
  for (let n = 0; n < g.batch; n++) {
    gemm(0, 1, taps, positions, g.outChannels, w, g.outChannels, dy, g.outChannels, scratch, positions, 0, 0, 0, 0, work);
    let products = scratch;
    for (let h = 0; h < g.filterHeight; h++) {
      for (let k = 0; k < g.filterWidth; k++) {
        addTap(g, h * g.dilationHeight - g.padTop, k * g.dilationWidth, products, dx);
        products += <usize>positions << 2;
      }
    }
    dy += <usize>(positions * g.outChannels) << 2;
    dx += plane;
  }
}

/** Adds what the outputs give back through one tap, `top` rows below and `offset` columns right of their window. */
function addTap(g: Geometry, top: i32, offset: i32, products: usize, dx: usize): void {
  const first = firstColumn(g, offset), count = endColumn(g, offset) - first;
  const step = <usize>g.strideWidth << 2;
  for (let i = 0; i < g.outHeight; i++) {
    const row = i * g.strideHeight + top;
    if (row < 0 || row >= g.inHeight) continue;
    let from = products + (<usize>(i * g.outWidth + first) << 2);
    let to = dx + (<usize>(row * g.inWidth + first * g.strideWidth - g.padLeft + offset) << 2);
    let n = count;
    if (g.strideWidth == 1) {
      for (; n >= 4; n -= 4) {
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        from += 16;
        to += 16;
      }
    }
    for (; n > 0; n--) {
      store<f32>(to, load<f32>(to) + load<f32>(from));
      from += 4;
      to += step;
    }
  }
}

// @ts-ignore: decorator
@inline
function productBytes(g: Geometry): usize {
  return (<usize>(g.filterHeight * g.filterWidth * g.outHeight * g.outWidth + 3 & ~3)) << 2;
}
