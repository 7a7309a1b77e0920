// Data movement. Strides are in bytes and may be negative or 0 (which repeats). `dims` is a table of 32-bit words, one
// triple (size, stride in x, stride in y) for each outer dimension, outermost first; `rank` triples. x and y are disjoint.

/** Rows from this size on go to the engine's own memory copy, whose call costs more than the copying of a short row. */
const LONG_ROW: i32 = 512;

/** y[i, j, ...] = x[i, j, ...] for rows of `bytes` contiguous bytes. */
export function copyRows(x: usize, y: usize, dims: usize, rank: i32, bytes: i32): void {
  if (rank == 0) {
    if (bytes > 0) memory.copy(y, x, bytes);
    return;
  }
  const size = load<i32>(dims);
  const dx = <usize>load<i32>(dims, 4);
  const dy = <usize>load<i32>(dims, 8);
  if (rank > 1) {
    for (let k = 0; k < size; k++, x += dx, y += dy) copyRows(x, y, dims + 12, rank - 1, bytes);
  } else if (bytes == 4) {
    if (dx == 0 && dy == 4) fillWords(y, load<i32>(x), size);
    else for (let k = 0; k < size; k++, x += dx, y += dy) store<i32>(y, load<i32>(x));
  } else if (bytes == 1) {
    if (dx == 0 && dy == 1) memory.fill(y, load<u8>(x), size);
    else for (let k = 0; k < size; k++, x += dx, y += dy) store<u8>(y, load<u8>(x));
  } else if (bytes >= LONG_ROW) {
    for (let k = 0; k < size; k++, x += dx, y += dy) memory.copy(y, x, bytes);
  } else {
    for (let k = 0; k < size; k++, x += dx, y += dy) copyShort(x, y, bytes);
  }
}

/** Copies one row of any length. */
// @ts-ignore: decorator
@inline
export function copyRow(x: usize, y: usize, bytes: i32): void {
  if (bytes >= LONG_ROW) memory.copy(y, x, bytes);
  else copyShort(x, y, bytes);
}

// @ts-ignore: decorator
@inline
function copyShort(x: usize, y: usize, bytes: i32): void {
  if (bytes >= 16) {
    // The last vector overlaps the one before it.
    const last = <usize>(bytes - 16);
    for (let k: usize = 0; k < last; k += 16) v128.store(y + k, v128.load(x + k));
    v128.store(y + last, v128.load(x + last));
  } else {
    let k: usize = 0;
    for (; k + 4 <= <usize>bytes; k += 4) store<i32>(y + k, load<i32>(x + k));
    for (; k < <usize>bytes; k++) store<u8>(y + k, load<u8>(x + k));
  }
}

/** y[i] = value for n 32-bit words. */
// @ts-ignore: decorator
@inline
function fillWords(y: usize, value: i32, n: i32): void {
  const v = i32x4.splat(value);
  for (; n >= 4; n -= 4, y += 16) v128.store(y, v);
  for (; n > 0; n--, y += 4) store<i32>(y, value);
}

/**
 * y[..., j, i] = x[..., i, j] for 32-bit words: `rows` of `columns` contiguous words that lie `rowStride` bytes apart
 * in x, written as `columns` of `rows` contiguous words that lie `columnStride` bytes apart in y. `tile`: 1 KiB of scratch.
 */
export function transposeWords(
  x: usize,
  y: usize,
  dims: usize,
  rank: i32,
  rows: i32,
  columns: i32,
  rowStride: usize,
  columnStride: usize,
  tile: usize,
): void {
  if (rank == 0) {
    transposePlane(x, y, rows, columns, rowStride, columnStride, tile);
    return;
  }
  const size = load<i32>(dims);
  const dx = <usize>load<i32>(dims, 4);
  const dy = <usize>load<i32>(dims, 8);
  for (let k = 0; k < size; k++, x += dx, y += dy) {
    transposeWords(x, y, dims + 12, rank - 1, rows, columns, rowStride, columnStride, tile);
  }
}

function transposePlane(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  rowStride: usize,
  columnStride: usize,
  tile: usize,
): void {
  let i = 0;
  // Tiles of 16 by 16 words: every cache line is read and written once and whole. Lines a power of two apart fall into
  // the same few places of the cache, so none may have to stay there until it is needed again.
  for (; i + 16 <= rows; i += 16) {
    let from = x + <usize>i * rowStride;
    let to = y + (<usize>i << 2);
    let j = 0;
    for (; j + 16 <= columns; j += 16, from += 64) {
      for (let k: usize = 0; k < 16; k += 4) {
        const row = from + k * rowStride;
        const at = tile + (k << 2);
        transpose4(row, at, rowStride, 64);
        transpose4(row + 16, at + 256, rowStride, 64);
        transpose4(row + 32, at + 512, rowStride, 64);
        transpose4(row + 48, at + 768, rowStride, 64);
      }
      for (let at = tile; at < tile + 1024; at += 64, to += columnStride) {
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        v128.store(to, v128.load(at, 32), 32);
        v128.store(to, v128.load(at, 48), 48);
      }
    }
    for (; j + 4 <= columns; j += 4, from += 16, to += 4 * columnStride) {
      transpose4(from, to, rowStride, columnStride);
      transpose4(from + 4 * rowStride, to + 16, rowStride, columnStride);
      transpose4(from + 8 * rowStride, to + 32, rowStride, columnStride);
      transpose4(from + 12 * rowStride, to + 48, rowStride, columnStride);
    }
    for (; j < columns; j++, from += 4, to += columnStride) column(from, to, 16, rowStride);
  }
  for (; i + 4 <= rows; i += 4) {
    let from = x + <usize>i * rowStride;
    let to = y + (<usize>i << 2);
    let j = 0;
    for (; j + 4 <= columns; j += 4, from += 16, to += 4 * columnStride) transpose4(from, to, rowStride, columnStride);
    for (; j < columns; j++, from += 4, to += columnStride) column(from, to, 4, rowStride);
  }
  for (; i < rows; i++) {
    let from = x + <usize>i * rowStride;
    let to = y + (<usize>i << 2);
    for (let j = 0; j < columns; j++, from += 4, to += columnStride) store<i32>(to, load<i32>(from));
  }
}

/** n words of a column of x become a row of y. */
// @ts-ignore: decorator
@inline
function column(x: usize, y: usize, n: i32, rowStride: usize): void {
  for (let k = 0; k < n; k++, x += rowStride, y += 4) store<i32>(y, load<i32>(x));
}

// @ts-ignore: decorator
@inline
function transpose4(x: usize, y: usize, rowStride: usize, columnStride: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + rowStride);
  const c = v128.load(x + 2 * rowStride);
  const d = v128.load(x + 3 * rowStride);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5); // a0 b0 a1 b1
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(y + columnStride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(y + 2 * columnStride, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
  v128.store(y + 3 * columnStride, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
}
