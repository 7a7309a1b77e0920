// Pooling over windows that a table describes, so that fixed and adaptive windows, padding and dilation are one kernel.
// Every entry of a table has four words: the first element of the window inside the image, one past its last, the step
// between its elements, and (a float) what the sum is multiplied with for an average. One table for the rows, then one
// for the columns. An index counts the pixels of a plane: row * width + column, as in PyTorch.
import { loadTail, storeTail } from '@dl/core/kernels/simd';

// @ts-ignore: decorator
@inline
const ENTRY: usize = 16;

/** y = the first maximum of each window (NaN counts as one), indices = its place in the plane; indices of 0 are not wanted. */
export function maxPool(
  x: usize, y: usize, indices: usize, batch: i32, height: i32, width: i32, channels: i32,
  outHeight: i32, outWidth: i32, table: usize,
): void {
  const pixel = <usize>channels << 2;
  const columns = table + <usize>outHeight * ENTRY;
  for (; batch > 0; batch--) {
    for (let i = 0; i < outHeight; i++) {
      const rowEntry = table + <usize>i * ENTRY;
      for (let j = 0; j < outWidth; j++) {
        const columnEntry = columns + <usize>j * ENTRY;
        for (let c = channels; c > 0; c -= 4) {
          const at = <usize>(channels - c) << 2;
          largest(x + at, y + at, indices ? indices + at : 0, min(4, c), width, pixel, rowEntry, columnEntry);
        }
        y += pixel;
        if (indices) indices += pixel;
      }
    }
    x += <usize>(height * width) * pixel;
  }
}

// @ts-ignore: decorator
@inline
function largest(x: usize, y: usize, indices: usize, lanes: i32, width: i32, pixel: usize, rows: usize, columns: usize): void {
  const top = load<i32>(rows), bottom = load<i32>(rows, 4), rowStep = load<i32>(rows, 8);
  const left = load<i32>(columns), right = load<i32>(columns, 4), columnStep = load<i32>(columns, 8);
  let best = f32x4.splat(-Infinity);
  let where = i32x4.splat(top * width + left);
  for (let h = top; h < bottom; h += rowStep) {
    for (let w = left; w < right; w += columnStep) {
      const place = h * width + w;
      const from = x + <usize>place * pixel;
      const v = lanes == 4 ? v128.load(from) : loadTail(from, lanes, 0);
      const better = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
      where = v128.bitselect(i32x4.splat(place), where, better);
      best = v128.bitselect(v, best, better);
    }
  }
  if (lanes == 4) {
    v128.store(y, best);
    if (indices) v128.store(indices, where);
  } else {
    storeTail(y, best, lanes);
    if (indices) storeTail(indices, where, lanes);
  }
}

/** y[n, indices[n,i,c], c] += x[n,i,c], from zero: the gradient of a maximum, and unpooling. */
export function scatterPlanes(x: usize, indices: usize, y: usize, batch: i32, inPixels: i32, outPixels: i32, channels: i32): void {
  const plane = <usize>(outPixels * channels) << 2;
  memory.fill(y, 0, <usize>batch * plane);
  for (; batch > 0; batch--) {
    for (let i = 0; i < inPixels; i++) {
      for (let c = 0; c < channels; c++) {
        const to = y + (<usize>(load<i32>(indices) * channels + c) << 2);
        store<f32>(to, load<f32>(to) + load<f32>(x));
        x += 4;
        indices += 4;
      }
    }
    y += plane;
  }
}

/** y[n,i,c] = x[n, indices[n,i,c], c] */
export function gatherPlanes(x: usize, indices: usize, y: usize, batch: i32, inPixels: i32, outPixels: i32, channels: i32): void {
  for (; batch > 0; batch--) {
    for (let i = 0; i < outPixels; i++) {
      for (let c = 0; c < channels; c++) {
        store<f32>(y, load<f32>(x + (<usize>(load<i32>(indices) * channels + c) << 2)));
        y += 4;
        indices += 4;
      }
    }
    x += <usize>(inPixels * channels) << 2;
  }
}

/** y = the sum of each window times the factors of its row and column. */
export function averagePool(
  x: usize, y: usize, batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, table: usize,
): void {
  average(true, x, y, batch, height, width, channels, outHeight, outWidth, table);
}

/** dx = dy times the factors, added up over the windows. */
export function averagePoolGradient(
  dx: usize, dy: usize, batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, table: usize,
): void {
  memory.fill(dx, 0, <usize>batch * (<usize>(height * width * channels) << 2));
  average(false, dx, dy, batch, height, width, channels, outHeight, outWidth, table);
}

// @ts-ignore: decorator
@inline
function average(
  forward: bool, x: usize, y: usize, batch: i32, height: i32, width: i32, channels: i32,
  outHeight: i32, outWidth: i32, table: usize,
): void {
  const pixel = <usize>channels << 2;
  const columns = table + <usize>outHeight * ENTRY;
  for (; batch > 0; batch--) {
    for (let i = 0; i < outHeight; i++) {
      const rows = table + <usize>i * ENTRY;
      const top = load<i32>(rows), bottom = load<i32>(rows, 4);
      for (let j = 0; j < outWidth; j++) {
        const entry = columns + <usize>j * ENTRY;
        const left = load<i32>(entry), right = load<i32>(entry, 4);
        const factor = f32x4.splat(load<f32>(rows, 12) * load<f32>(entry, 12));
        for (let c = channels; c > 0; c -= 4) {
          const at = <usize>(channels - c) << 2;
          const lanes = min(4, c);
          let sum = f32x4.splat(0);
          const share = forward ? sum : f32x4.mul(lanes == 4 ? v128.load(y + at) : loadTail(y + at, lanes, 0), factor);
          for (let h = top; h < bottom; h++) {
            for (let w = left; w < right; w++) {
              const place = x + at + <usize>(h * width + w) * pixel;
              const v = lanes == 4 ? v128.load(place) : loadTail(place, lanes, 0);
              if (forward) sum = f32x4.add(sum, v);
              else if (lanes == 4) v128.store(place, f32x4.add(v, share));
              else storeTail(place, f32x4.add(v, share), lanes);
            }
          }
          if (!forward) continue;
          if (lanes == 4) v128.store(y + at, f32x4.mul(sum, factor));
          else storeTail(y + at, f32x4.mul(sum, factor), lanes);
        }
        y += pixel;
      }
    }
    x += <usize>(height * width) * pixel;
  }
}
