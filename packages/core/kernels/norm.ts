import { constants } from './constants';
import { loadTail, madd, storeTail, sumLanes } from './simd';

// Normalisation over rows (layer and RMS norm) and over channels (batch, group and instance norm, channels last). A weight
// or bias of 0 stands for ones or zeros; a gradient address of 0 is not asked for.

/** Rows whose parameter gradients are summed before they join the total: long sums of floats stay precise. */
const ROWS: i32 = 64;

/**
 * y = (x - mean) inverse w + b for each row of n floats, with inverse = 1 / sqrt(variance + eps). `centred` 1: layer norm;
 * 0: RMS norm, which has no mean. Leaves mean and inverse of each row for the gradient.
 */
export function rowNorm(
  x: usize, weight: usize, bias: usize, y: usize, means: usize, inverses: usize, rows: i32, n: i32, eps: f32, centred: i32,
): void {
  const ones = constants + 26 * 16;
  const w = weight ? weight : ones;
  const wStep: usize = weight ? 16 : 0;
  const stride = <usize>n << 2;
  for (let r = 0; r < rows; r++, x += stride, y += stride, means += 4, inverses += 4) {
    const mean = centred ? rowSum(x, n) / <f32>n : 0;
    const m = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    let left = n;
    let at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) {
      const d = f32x4.sub(v128.load(x + at), m);
      squares = madd(d, d, squares);
    }
    if (left > 0) {
      const d = f32x4.sub(loadTail(x + at, left, mean), m);
      squares = madd(d, d, squares);
    }
    const inverse: f32 = 1 / sqrt<f32>(sumLanes(squares) / <f32>n + eps);
    store<f32>(means, mean);
    store<f32>(inverses, inverse);
    const i4 = f32x4.splat(inverse);
    left = n;
    at = 0;
    let wAt = w;
    for (; left >= 4; left -= 4, at += 16, wAt += wStep) {
      let v = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(x + at), m), i4), v128.load(wAt));
      if (bias) v = f32x4.add(v, v128.load(bias + at));
      v128.store(y + at, v);
    }
    if (left > 0) {
      let v = f32x4.mul(f32x4.mul(f32x4.sub(loadTail(x + at, left, 0), m), i4), loadTail(wAt, left, 0));
      if (bias) v = f32x4.add(v, loadTail(bias + at, left, 0));
      storeTail(y + at, v, left);
    }
  }
}

// @ts-ignore: decorator
@inline
function rowSum(x: usize, n: i32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  for (; n >= 8; n -= 8, x += 32) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
  }
  if (n >= 4) {
    a = f32x4.add(a, v128.load(x));
    n -= 4;
    x += 16;
  }
  if (n > 0) b = f32x4.add(b, loadTail(x, n, 0));
  return sumLanes(f32x4.add(a, b));
}

/**
 * With z = (x - mean) inverse and g = dy w: dx = inverse (g - mean(g) - z mean(g z)), the first mean for layer norm only;
 * dw = sum of dy z and db = sum of dy over the rows. `scratch` holds 2n floats.
 */
export function rowNormGradient(
  x: usize, weight: usize, dy: usize, means: usize, inverses: usize, dx: usize, dw: usize, db: usize,
  rows: i32, n: i32, centred: i32, scratch: usize,
): void {
  const ones = constants + 26 * 16;
  const w = weight ? weight : ones;
  const wStep: usize = weight ? 16 : 0;
  const stride = <usize>n << 2;
  const partW = dw ? scratch : 0;
  const partB = db ? scratch + stride : 0;
  if (dw) memory.fill(dw, 0, stride);
  if (db) memory.fill(db, 0, stride);
  memory.fill(scratch, 0, 2 * stride);
  const share: f32 = 1 / <f32>n;
  for (let r = 0; r < rows; r++, x += stride, dy += stride, dx += stride) {
    const m = f32x4.splat(load<f32>(means + (<usize>r << 2)));
    const i4 = f32x4.splat(load<f32>(inverses + (<usize>r << 2)));
    let sumG = f32x4.splat(0);
    let sumGz = f32x4.splat(0);
    let left = n;
    let at: usize = 0;
    let wAt = w;
    for (; left >= 4; left -= 4, at += 16, wAt += wStep) {
      const d = v128.load(dy + at);
      const z = f32x4.mul(f32x4.sub(v128.load(x + at), m), i4);
      const g = f32x4.mul(d, v128.load(wAt));
      sumG = f32x4.add(sumG, g);
      sumGz = madd(g, z, sumGz);
      if (partW) v128.store(partW + at, madd(d, z, v128.load(partW + at)));
      if (partB) v128.store(partB + at, f32x4.add(d, v128.load(partB + at)));
    }
    if (left > 0) {
      const d = loadTail(dy + at, left, 0);
      const z = f32x4.mul(f32x4.sub(loadTail(x + at, left, 0), m), i4);
      const g = f32x4.mul(d, loadTail(wAt, left, 0));
      sumG = f32x4.add(sumG, g);
      sumGz = madd(g, z, sumGz);
      if (partW) storeTail(partW + at, madd(d, z, loadTail(partW + at, left, 0)), left);
      if (partB) storeTail(partB + at, f32x4.add(d, loadTail(partB + at, left, 0)), left);
    }
    const meanG = f32x4.splat(centred ? sumLanes(sumG) * share : 0);
    const meanGz = f32x4.splat(sumLanes(sumGz) * share);
    left = n;
    at = 0;
    wAt = w;
    for (; left >= 4; left -= 4, at += 16, wAt += wStep) {
      const z = f32x4.mul(f32x4.sub(v128.load(x + at), m), i4);
      const g = f32x4.sub(f32x4.mul(v128.load(dy + at), v128.load(wAt)), meanG);
      v128.store(dx + at, f32x4.mul(i4, f32x4.sub(g, f32x4.mul(z, meanGz))));
    }
    if (left > 0) {
      const z = f32x4.mul(f32x4.sub(loadTail(x + at, left, 0), m), i4);
      const g = f32x4.sub(f32x4.mul(loadTail(dy + at, left, 0), loadTail(wAt, left, 0)), meanG);
      storeTail(dx + at, f32x4.mul(i4, f32x4.sub(g, f32x4.mul(z, meanGz))), left);
    }
    if (r % ROWS == ROWS - 1 || r == rows - 1) {
      if (dw) flush(partW, dw, n);
      if (db) flush(partB, db, n);
    }
  }
}

/** total += part, part = 0. */
function flush(part: usize, total: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; n >= 4; n -= 4, part += 16, total += 16) {
    v128.store(total, f32x4.add(v128.load(total), v128.load(part)));
    v128.store(part, zero);
  }
  if (n > 0) {
    storeTail(total, f32x4.add(loadTail(total, n, 0), loadTail(part, n, 0)), n);
    storeTail(part, zero, n);
  }
}

/** Rows of a block of about 16 KiB: what the first pass has read, the second finds in the cache. */
// @ts-ignore: decorator
@inline
function blockRows(channels: i32): i32 {
  return max(4, 4096 / channels);
}

/**
 * Mean and sum of squared deviations of each channel over `rows` rows, block by block, the blocks joined by Chan's formula:
 * one pass over memory, and no cancellation. `blockMean` and `blockSquares` hold `channels` floats each.
 */
function channelMoments(
  x: usize, rows: i32, channels: i32, mean: usize, squares: usize, blockMean: usize, blockSquares: usize,
): void {
  const stride = <usize>channels << 2;
  memory.fill(mean, 0, stride);
  memory.fill(squares, 0, stride);
  const size = blockRows(channels);
  for (let r = 0; r < rows; r += size, x += <usize>size * stride) {
    const count = min(size, rows - r);
    blockMoments(x, count, channels, blockMean, blockSquares);
    const known = <f32>r;
    const more = <f32>count;
    const share = f32x4.splat(more / (known + more));
    const cross = f32x4.splat(known * (more / (known + more)));
    let left = channels;
    let at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) {
      const m = v128.load(mean + at);
      const delta = f32x4.sub(v128.load(blockMean + at), m);
      v128.store(mean + at, madd(delta, share, m));
      const s = f32x4.add(v128.load(squares + at), v128.load(blockSquares + at));
      v128.store(squares + at, madd(f32x4.mul(delta, delta), cross, s));
    }
    if (left > 0) {
      const m = loadTail(mean + at, left, 0);
      const delta = f32x4.sub(loadTail(blockMean + at, left, 0), m);
      storeTail(mean + at, madd(delta, share, m), left);
      const s = f32x4.add(loadTail(squares + at, left, 0), loadTail(blockSquares + at, left, 0));
      storeTail(squares + at, madd(f32x4.mul(delta, delta), cross, s), left);
    }
  }
}

function blockMoments(x: usize, rows: i32, channels: i32, mean: usize, squares: usize): void {
  const stride = <usize>channels << 2;
  const share = f32x4.splat(1 / <f32>rows);
  let left = channels;
  for (; left >= 8; left -= 8, x += 32, mean += 32, squares += 32) {
    let a = f32x4.splat(0);
    let b = a;
    let at = x;
    for (let r = 0; r < rows; r++, at += stride) {
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
    }
    const meanA = f32x4.mul(a, share);
    const meanB = f32x4.mul(b, share);
    v128.store(mean, meanA);
    v128.store(mean, meanB, 16);
    a = f32x4.splat(0);
    b = a;
    at = x;
    for (let r = 0; r < rows; r++, at += stride) {
      const da = f32x4.sub(v128.load(at), meanA);
      const db = f32x4.sub(v128.load(at, 16), meanB);
      a = madd(da, da, a);
      b = madd(db, db, b);
    }
    v128.store(squares, a);
    v128.store(squares, b, 16);
  }
  for (; left > 0; left -= 4, x += 16, mean += 16, squares += 16) {
    let a = f32x4.splat(0);
    let at = x;
    for (let r = 0; r < rows; r++, at += stride) a = f32x4.add(a, loadUpTo4(at, left));
    const m = f32x4.mul(a, share);
    storeUpTo4(mean, m, left);
    a = f32x4.splat(0);
    at = x;
    for (let r = 0; r < rows; r++, at += stride) {
      const d = f32x4.sub(loadUpTo4(at, left), m);
      a = madd(d, d, a);
    }
    storeUpTo4(squares, a, left);
  }
}

// @ts-ignore: decorator
@inline
function loadUpTo4(address: usize, n: i32): v128 {
  return n >= 4 ? v128.load(address) : loadTail(address, n, 0);
}

// @ts-ignore: decorator
@inline
function storeUpTo4(address: usize, v: v128, n: i32): void {
  if (n >= 4) v128.store(address, v);
  else storeTail(address, v, n);
}

/**
 * y = (x - mean) / sqrt(variance + eps) w + b for x of [batch, rows, channels], with mean and variance of each batch item
 * and group over its rows and channels. Group norm; instance norm with a group for each channel; batch norm with a batch
 * of 1. Leaves means and variances, [batch, groups]. `scratch` holds 5 floats a channel.
 */
export function channelNorm(
  x: usize, weight: usize, bias: usize, y: usize, means: usize, variances: usize,
  batch: i32, rows: i32, channels: i32, groups: i32, eps: f32, scratch: usize,
): void {
  const stride = <usize>channels << 2;
  const item = <usize>rows * stride;
  const mean = scratch;
  const scale = mean + stride;
  const squares = scale + stride;
  const width = channels / groups;
  for (let b = 0; b < batch; b++, x += item, y += item) {
    channelMoments(x, rows, channels, mean, squares, squares + stride, squares + 2 * stride);
    for (let g = 0; g < groups; g++, means += 4, variances += 4) {
      const from = mean + <usize>(g * width) * 4;
      const squaresFrom = squares + <usize>(g * width) * 4;
      let sum: f64 = 0;
      for (let k: usize = 0; k < <usize>width; k++) sum += <f64>load<f32>(from + (k << 2));
      const groupMean = sum / <f64>width;
      let total: f64 = 0;
      for (let k: usize = 0; k < <usize>width; k++) {
        const d = <f64>load<f32>(from + (k << 2)) - groupMean;
        total += <f64>load<f32>(squaresFrom + (k << 2)) + <f64>rows * d * d;
      }
      store<f32>(means, <f32>groupMean);
      store<f32>(variances, <f32>(total / (<f64>rows * <f64>width)));
    }
    const back = <usize>groups << 2;
    coefficients(weight, means - back, variances - back, channels, width, eps, mean, scale);
    affine(x, mean, scale, bias, y, rows, channels);
  }
}

/** The same with means and variances given, one a channel: batch norm in evaluation. `scratch` holds 2 floats a channel. */
export function channelAffine(
  x: usize, weight: usize, bias: usize, means: usize, variances: usize, y: usize, rows: i32, channels: i32, eps: f32, scratch: usize,
): void {
  const scale = scratch + (<usize>channels << 2);
  coefficients(weight, means, variances, channels, 1, eps, scratch, scale);
  affine(x, scratch, scale, bias, y, rows, channels);
}

/** mean[channel] and scale[channel] = w / sqrt(variance + eps), from statistics of groups of `width` channels. */
function coefficients(
  weight: usize, means: usize, variances: usize, channels: i32, width: i32, eps: f32, mean: usize, scale: usize,
): void {
  for (let c = 0; c < channels; c++) {
    const group = <usize>(c / width) << 2;
    const at = <usize>c << 2;
    const w: f32 = weight ? load<f32>(weight + at) : 1;
    store<f32>(mean + at, load<f32>(means + group));
    store<f32>(scale + at, w / sqrt<f32>(load<f32>(variances + group) + eps));
  }
}

/** y = (x - mean) scale + bias, all by channel. */
function affine(x: usize, mean: usize, scale: usize, bias: usize, y: usize, rows: i32, channels: i32): void {
  for (let r = 0; r < rows; r++) {
    let left = channels;
    let at: usize = 0;
    for (; left >= 4; left -= 4, at += 16, x += 16, y += 16) {
      let v = f32x4.mul(f32x4.sub(v128.load(x), v128.load(mean + at)), v128.load(scale + at));
      if (bias) v = f32x4.add(v, v128.load(bias + at));
      v128.store(y, v);
    }
    if (left > 0) {
      let v = f32x4.mul(f32x4.sub(loadTail(x, left, 0), loadTail(mean + at, left, 0)), loadTail(scale + at, left, 0));
      if (bias) v = f32x4.add(v, loadTail(bias + at, left, 0));
      storeTail(y, v, left);
      x += <usize>left << 2;
      y += <usize>left << 2;
    }
  }
}

/**
 * Gradients of `channelNorm` (`given` 0) and of `channelAffine` (`given` 1: the statistics are constants). With
 * z = (x - mean) inverse and g = dy w: dx = inverse (g - mean(g) - z mean(g z)), the means over the group and absent where
 * the statistics are given; dw = sum of dy z, db = sum of dy. `scratch` holds 5 floats a channel.
 */
export function channelNormGradient(
  x: usize, weight: usize, dy: usize, means: usize, variances: usize, dx: usize, dw: usize, db: usize,
  batch: i32, rows: i32, channels: i32, groups: i32, eps: f32, given: i32, scratch: usize,
): void {
  const stride = <usize>channels << 2;
  const item = <usize>rows * stride;
  const mean = scratch;
  const scale = mean + stride;
  const slope = scale + stride;
  const offset = slope + stride;
  const extra = offset + stride;
  const width = channels / groups;
  if (dw) memory.fill(dw, 0, stride);
  if (db) memory.fill(db, 0, stride);
  for (let b = 0; b < batch; b++, x += item, dy += item, dx += item) {
    // slope and offset first hold the sums of dy (x - mean) and of dy over the rows
    coefficients(weight, means, variances, channels, width, eps, mean, scale);
    channelProducts(x, dy, mean, rows, channels, slope, offset);
    for (let g = 0; g < groups; g++, means += 4, variances += 4) {
      const inverse: f32 = 1 / sqrt<f32>(load<f32>(variances) + eps);
      let sumG: f64 = 0;
      let sumGz: f64 = 0;
      for (let c = g * width; c < (g + 1) * width; c++) {
        const at = <usize>c << 2;
        const w: f32 = weight ? load<f32>(weight + at) : 1;
        const sumD = load<f32>(offset + at);
        const sumDz = load<f32>(slope + at) * inverse;
        if (dw) store<f32>(dw + at, load<f32>(dw + at) + sumDz);
        if (db) store<f32>(db + at, load<f32>(db + at) + sumD);
        sumG += <f64>(w * sumD);
        sumGz += <f64>(w * sumDz);
      }
      const share: f64 = given ? 0 : 1 / (<f64>rows * <f64>width);
      const meanGz = <f32>(sumGz * share) * inverse * inverse;
      const meanG = <f32>(sumG * share) * inverse;
      for (let c = g * width; c < (g + 1) * width; c++) {
        const at = <usize>c << 2;
        store<f32>(slope + at, meanGz);
        store<f32>(extra + at, meanG);
      }
    }
    // dx = dy scale - (x - mean) slope - extra
    let from: usize = 0;
    for (let r = 0; r < rows; r++) {
      let left = channels;
      let at: usize = 0;
      for (; left >= 4; left -= 4, at += 16, from += 16) {
        const d = f32x4.sub(f32x4.mul(v128.load(dy + from), v128.load(scale + at)), v128.load(extra + at));
        const z = f32x4.sub(v128.load(x + from), v128.load(mean + at));
        v128.store(dx + from, f32x4.sub(d, f32x4.mul(z, v128.load(slope + at))));
      }
      if (left > 0) {
        const d = f32x4.sub(
          f32x4.mul(loadTail(dy + from, left, 0), loadTail(scale + at, left, 0)),
          loadTail(extra + at, left, 0),
        );
        const z = f32x4.sub(loadTail(x + from, left, 0), loadTail(mean + at, left, 0));
        storeTail(dx + from, f32x4.sub(d, f32x4.mul(z, loadTail(slope + at, left, 0))), left);
        from += <usize>left << 2;
      }
    }
  }
}

/** Sums of dy (x - mean) and of dy over the rows, by channel, block by block. */
function channelProducts(
  x: usize, dy: usize, mean: usize, rows: i32, channels: i32, products: usize, sums: usize,
): void {
  const stride = <usize>channels << 2;
  memory.fill(products, 0, stride);
  memory.fill(sums, 0, stride);
  const size = blockRows(channels);
  for (let r = 0; r < rows; r += size) {
    const count = min(size, rows - r);
    const block = <usize>r * stride;
    let left = channels;
    let column: usize = 0;
    for (; left >= 8; left -= 8, column += 32) {
      const meanA = v128.load(mean + column);
      const meanB = v128.load(mean + column, 16);
      let productA = f32x4.splat(0);
      let productB = productA;
      let sumA = productA;
      let sumB = productA;
      let at = block + column;
      for (let i = 0; i < count; i++, at += stride) {
        const a = v128.load(dy + at);
        const b = v128.load(dy + at, 16);
        sumA = f32x4.add(sumA, a);
        sumB = f32x4.add(sumB, b);
        productA = madd(a, f32x4.sub(v128.load(x + at), meanA), productA);
        productB = madd(b, f32x4.sub(v128.load(x + at, 16), meanB), productB);
      }
      v128.store(products + column, f32x4.add(v128.load(products + column), productA));
      v128.store(products + column, f32x4.add(v128.load(products + column, 16), productB), 16);
      v128.store(sums + column, f32x4.add(v128.load(sums + column), sumA));
      v128.store(sums + column, f32x4.add(v128.load(sums + column, 16), sumB), 16);
    }
    for (; left > 0; left -= 4, column += 16) {
      const m = loadUpTo4(mean + column, left);
      let product = f32x4.splat(0);
      let sum = product;
      let at = block + column;
      for (let i = 0; i < count; i++, at += stride) {
        const d = loadUpTo4(dy + at, left);
        sum = f32x4.add(sum, d);
        product = madd(d, f32x4.sub(loadUpTo4(x + at, left), m), product);
      }
      storeUpTo4(products + column, f32x4.add(loadUpTo4(products + column, left), product), left);
      storeUpTo4(sums + column, f32x4.add(loadUpTo4(sums + column, left), sum), left);
    }
  }
}
