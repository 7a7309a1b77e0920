// A product of matrices whose left one is never made: its rows start at the places that a table names, and its elements
// lie the same distances from there in every row. The right one is packed into panels of 8 columns; a tile of 6 or 4 rows
// by 8 columns stays in registers over all elements.
//
// A row has `heights` lines, `rowStep` bytes apart, each of `runs` runs, `runStep` bytes apart, each of `length`
// elements, `step` bytes apart.
import { madd } from './simd';

/** Bytes for a tile at the edge of the result. */
export const TILE_BYTES: usize = 192;

/** y[count, columns] = or += start + A B for one panel of up to 8 columns; the bytes from row to row of y are `yRow`. */
// @ts-ignore: decorator
@inline
export function stripe(
  count: i32, columns: i32, image: usize, table: usize, heights: i32, runs: i32, length: i32,
  rowStep: usize, runStep: usize, step: usize, b: usize, start: usize, y: usize, yRow: usize, add: bool, tile: usize,
): void {
  for (let i = 0; i < count; ) {
    const size = tileRows(count - i);
    const rows = min(size, count - i);
    const whole = rows == size && columns == 8;
    const out = whole ? y : tile;
    const outRow: usize = whole ? yRow : 32;
    if (size == 6) tile6(image, table, rows, heights, runs, length, rowStep, runStep, step, b, start, out, outRow, add && whole);
    else tile4(image, table, rows, heights, runs, length, rowStep, runStep, step, b, start, out, outRow, add && whole);
    if (!whole) putEdge(tile, y, yRow, rows, columns, add);
    table += <usize>rows << 2;
    y += <usize>rows * yRow;
    i += rows;
  }
}

/** Packs up to 8 columns of `rows` rows, `stride` bytes apart, into a panel; what is missing is 0. */
export function packPanel(from: usize, stride: usize, rows: i32, columns: i32, to: usize): void {
  for (; rows > 0; rows--) {
    packRow(from, columns, to);
    from += stride;
    to += 32;
  }
}

// @ts-ignore: decorator
@inline
export function packRow(from: usize, columns: i32, to: usize): void {
  if (columns == 8) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    return;
  }
  for (let j: usize = 0; j < 32; j += 4) store<u32>(to + j, j < <usize>columns << 2 ? load<u32>(from + j) : 0);
}

/** Height of the next tile: sixes, and fours where they leave fewer rows idle. */
// @ts-ignore: decorator
@inline
function tileRows(left: i32): i32 {
  return left <= 4 || left == 7 || left == 8 ? 4 : 6;
}

/** 6 rows by 8 columns; `rows` of them are real, the others repeat the last real one. */
function tile6(
  image: usize, table: usize, rows: i32, heights: i32, runs: i32, length: i32,
  rowStep: usize, runStep: usize, step: usize, b: usize, start: usize, y: usize, yRow: usize, add: bool,
): void {
  const p0 = image + <usize>load<u32>(table);
  const p1 = rows > 1 ? image + <usize>load<u32>(table, 4) : p0;
  const p2 = rows > 2 ? image + <usize>load<u32>(table, 8) : p1;
  const p3 = rows > 3 ? image + <usize>load<u32>(table, 12) : p2;
  const p4 = rows > 4 ? image + <usize>load<u32>(table, 16) : p3;
  const p5 = rows > 5 ? image + <usize>load<u32>(table, 20) : p4;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
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
        a0 += step;
        a1 += step;
        a2 += step;
        a3 += step;
        a4 += step;
        a5 += step;
        b += 32;
      }
    }
  }
  put(y, c00, c01, add);
  y += yRow;
  put(y, c10, c11, add);
  y += yRow;
  put(y, c20, c21, add);
  y += yRow;
  put(y, c30, c31, add);
  y += yRow;
  put(y, c40, c41, add);
  y += yRow;
  put(y, c50, c51, add);
}

/** 4 rows by 8 columns; `rows` of them are real, the others repeat the last real one. */
function tile4(
  image: usize, table: usize, rows: i32, heights: i32, runs: i32, length: i32,
  rowStep: usize, runStep: usize, step: usize, b: usize, start: usize, y: usize, yRow: usize, add: bool,
): void {
  const p0 = image + <usize>load<u32>(table);
  const p1 = rows > 1 ? image + <usize>load<u32>(table, 4) : p0;
  const p2 = rows > 2 ? image + <usize>load<u32>(table, 8) : p1;
  const p3 = rows > 3 ? image + <usize>load<u32>(table, 12) : p2;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
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
        a0 += step;
        a1 += step;
        a2 += step;
        a3 += step;
        b += 32;
      }
    }
  }
  put(y, c00, c01, add);
  y += yRow;
  put(y, c10, c11, add);
  y += yRow;
  put(y, c20, c21, add);
  y += yRow;
  put(y, c30, c31, add);
}

// @ts-ignore: decorator
@inline
function put(y: usize, left: v128, right: v128, add: bool): void {
  if (add) {
    left = f32x4.add(v128.load(y), left);
    right = f32x4.add(v128.load(y, 16), right);
  }
  v128.store(y, left);
  v128.store(y, right, 16);
}

/** Copies or adds the real part of a tile at the edge of y. */
function putEdge(tile: usize, y: usize, yRow: usize, rows: i32, columns: i32, add: bool): void {
  for (; rows > 0; rows--) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) {
      store<f32>(y + j, add ? load<f32>(y + j) + load<f32>(tile + j) : load<f32>(tile + j));
    }
    tile += 32;
    y += yRow;
  }
}
