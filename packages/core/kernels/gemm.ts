// Matrix products in the manner of GotoBLAS: B is packed into panels of 8 columns that stay in the first-level cache,
// a tile of 6 or 4 rows by 8 columns of C stays in registers over a whole block of k.
//
// Goto, van de Geijn: Anatomy of High-Performance Matrix Multiplication, 2008.
import { activate } from './activations';
import { madd } from './simd';

/** Rows of A, depth, and columns of B that one block holds: A's block fits the second-level cache, a panel of B the first. */
const MC: i32 = 192;
const KC: i32 = 512;
const NC: i32 = 1024;

/** Start of the scratch memory: eight zeros, the padded end of the bias, a tile for the edges of C. */
const ZEROS: usize = 0;
const BIAS_END: usize = 32;
const TILE: usize = 64;
const HEADER: usize = 256;

/** A transposed A is packed when more columns than these read it again. */
const DIRECT_COLUMNS: i32 = 16;
/**
 * B is packed when more rows than these read it again: fewer where its rows are whole pages apart, since the lines of a
 * panel then compete for the same places in the cache.
 */
const DIRECT_ROWS: i32 = 48;
const DIRECT_ROWS_OF_PAGES: i32 = 16;

/** Bytes of scratch memory that `gemm` needs. */
export function gemmScratch(m: i32, n: i32, k: i32): usize {
  const depth = <usize>min(k, KC);
  const panels = depth * <usize>((min(n, NC) + 7) & ~7);
  const rows = max(depth * <usize>min(m, MC), <usize>k);
  return HEADER + ((panels + rows) << 2);
}

/**
 * C[m,n] = act(op(A)[m,k] op(B)[k,n] + bias), or C += op(A) op(B) + bias before the activation where `accumulate` is set.
 *
 * A is [m,k], or [k,m] with transA; B is [k,n], or [n,k] with transB; all row-major. lda, ldb and ldc count the floats
 * from one row to the next. `bias` has n floats, or is 0. `activation` and `alpha` as in `activate`.
 */
export function gemm(
  transA: i32, transB: i32, m: i32, n: i32, k: i32,
  a: usize, lda: i32, b: usize, ldb: i32, c: usize, ldc: i32,
  accumulate: i32, bias: usize, activation: i32, alpha: f32, scratch: usize,
): void {
  if (m <= 0 || n <= 0) return;
  const aStride = <usize>lda << 2;
  const bStride = <usize>ldb << 2;
  const cRow = <usize>ldc << 2;
  const aRow: usize = transA ? 4 : aStride;
  const aStep: usize = transA ? aStride : 4;
  const bRow: usize = transB ? 4 : bStride; // from one k to the next
  const bStep: usize = transB ? bStride : 4; // from one column to the next

  memory.fill(scratch + ZEROS, 0, 32);
  if (k <= 0) {
    fillRows(m, n, c, cRow, bias, accumulate != 0);
  } else if (n == 1 && cRow == 4) {
    // C is one column: the same product seen from the other side, with A as the matrix and B as the row.
    if (bias) fillRows(m, 1, c, 4, bias, accumulate != 0);
    row(m, k, b, bRow, a, aStep, aRow, c, 0, accumulate != 0 || bias != 0, scratch + HEADER);
  } else if (m < 4) {
    for (let i = 0; i < m; i++) {
      row(n, k, a + <usize>i * aRow, aStep, b, bRow, bStep, c + <usize>i * cRow, bias, accumulate != 0, scratch + HEADER);
    }
  } else {
    blocks(transA != 0, transB != 0, m, n, k, a, aRow, aStep, b, bRow, c, cRow, accumulate != 0, bias, scratch, bStride);
  }
  if (activation) for (let i = 0; i < m; i++) activate(c + <usize>i * cRow, n, activation, alpha);
}

/** `batch` products; a stride of 0 (in floats, from one matrix to the next) uses the same matrix for all. */
export function gemmBatched(
  batch: i32, aStride: i32, bStride: i32, cStride: i32,
  transA: i32, transB: i32, m: i32, n: i32, k: i32,
  a: usize, lda: i32, b: usize, ldb: i32, c: usize, ldc: i32,
  accumulate: i32, bias: usize, activation: i32, alpha: f32, scratch: usize,
): void {
  for (let i = 0; i < batch; i++) {
    gemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, accumulate, bias, activation, alpha, scratch);
    a += <usize>aStride << 2;
    b += <usize>bStride << 2;
    c += <usize>cStride << 2;
  }
}

function blocks(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize, c: usize, cRow: usize, accumulate: bool, bias: usize, scratch: usize, bStride: usize,
): void {
  const packsA = transA && n > DIRECT_COLUMNS;
  const packsB = transB || m > (bStride & 4095 ? DIRECT_ROWS : DIRECT_ROWS_OF_PAGES);
  const packedA = scratch + HEADER;
  const packedB = packedA + ((<usize>min(k, KC) * <usize>min(m, MC)) << 2);
  const tailStart = bias ? scratch + BIAS_END : scratch + ZEROS;
  if (bias && n & 7) padded(bias + (<usize>(n & ~7) << 2), n & 7, scratch + BIAS_END);

  for (let jc = 0; jc < n; jc += NC) {
    const nb = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kb = min(KC, k - pc);
      const add = accumulate || pc > 0;
      const corner = b + <usize>pc * bRow + <usize>jc * (transB ? bStride : 4);
      if (packsB) packPanels(transB, corner, bStride, nb, kb, packedB);
      else if (nb & 7) packPanels(false, corner + (<usize>(nb & ~7) << 2), bStride, nb & 7, kb, packedB);
      for (let ic = 0; ic < m; ic += MC) {
        const mb = min(MC, m - ic);
        let aBlock = a + <usize>ic * aRow + <usize>pc * aStep;
        if (packsA) {
          packRows(aBlock, aStep, mb, kb, packedA);
          aBlock = packedA;
        }
        const cBlock = c + <usize>ic * cRow + (<usize>jc << 2);
        for (let j = 0; j < nb; j += 8) {
          const columns = min(8, nb - j);
          let panel = packedB, bStep: usize = 32;
          if (packsB) panel += (<usize>j * <usize>kb) << 2;
          else if (columns == 8) {
            panel = corner + (<usize>j << 2);
            bStep = bStride;
          }
          const start = bias == 0 || pc > 0 ? scratch + ZEROS : columns < 8 ? tailStart : bias + (<usize>(jc + j) << 2);
          stripe(mb, columns, kb, aBlock, aRow, aStep, packsA, panel, bStep, start, cBlock + (<usize>j << 2), cRow, add, scratch + TILE);
        }
      }
    }
  }
}

/** Floats that `packB` writes for an op(B) of [k,n]. */
export function packedSize(n: i32, k: i32): i32 {
  return k * ((n + 7) & ~7);
}

/** Packs op(B) [k,n] once for many products, as `gemmPacked` reads it: blocks of KC rows, each in panels of 8 columns. */
export function packB(transB: i32, n: i32, k: i32, b: usize, ldb: i32, to: usize): void {
  const bStride = <usize>ldb << 2;
  for (let pc = 0; pc < k; pc += KC) {
    const kb = min(KC, k - pc);
    packPanels(transB != 0, b + (transB ? <usize>pc << 2 : <usize>pc * bStride), bStride, n, kb, to);
    to += <usize>packedSize(n, kb) << 2;
  }
}

/** C[m,n] = A[m,k] B, or C += A B, for a B that `packB` has packed. Needs 256 bytes of scratch memory. */
export function gemmPacked(
  m: i32, n: i32, k: i32, a: usize, lda: i32, packed: usize, c: usize, ldc: i32, accumulate: i32, scratch: usize,
): void {
  const aRow = <usize>lda << 2;
  const cRow = <usize>ldc << 2;
  memory.fill(scratch + ZEROS, 0, 32);
  for (let pc = 0; pc < k; pc += KC) {
    const kb = min(KC, k - pc);
    const add = accumulate != 0 || pc > 0;
    for (let j = 0; j < n; j += 8) {
      stripe(m, min(8, n - j), kb, a + (<usize>pc << 2), aRow, 4, false, packed, 32, scratch + ZEROS, c + (<usize>j << 2), cRow, add, scratch + TILE);
      packed += <usize>kb << 5;
    }
  }
}

/** One panel of 8 columns against all rows of a block of A. */
// @ts-ignore: decorator
@inline
function stripe(
  m: i32, columns: i32, k: i32, a: usize, aRow: usize, aStep: usize, packedA: bool,
  b: usize, bStep: usize, start: usize, c: usize, cRow: usize, add: bool, tile: usize,
): void {
  for (let i = 0; i < m; ) {
    const size = tileRows(m - i);
    const rows = min(size, m - i);
    let row = aRow, step = aStep;
    if (packedA) {
      row = 4;
      step = <usize>rows << 2;
    }
    const whole = rows == size && columns == 8;
    const out = whole ? c : tile;
    const outRow: usize = whole ? cRow : 32;
    if (size == 6) tile6(rows, k, a, row, step, b, bStep, start, out, outRow, add && whole);
    else tile4(rows, k, a, row, step, b, bStep, start, out, outRow, add && whole);
    if (!whole) putEdge(tile, c, cRow, rows, columns, add);
    a += packedA ? (<usize>k * <usize>rows) << 2 : <usize>rows * aRow;
    c += <usize>rows * cRow;
    i += rows;
  }
}

/** Height of the next tile: sixes, and fours where they leave fewer rows idle. */
// @ts-ignore: decorator
@inline
function tileRows(left: i32): i32 {
  return left <= 4 || left == 7 || left == 8 ? 4 : 6;
}

/** 6 rows by 8 columns; `rows` of them are real, the others repeat the last real one. */
function tile6(rows: i32, k: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, start: usize, c: usize, cRow: usize, add: bool): void {
  let a0 = a;
  let a1 = rows > 1 ? a0 + aRow : a0;
  let a2 = rows > 2 ? a1 + aRow : a1;
  let a3 = rows > 3 ? a2 + aRow : a2;
  let a4 = rows > 4 ? a3 + aRow : a3;
  let a5 = rows > 5 ? a4 + aRow : a4;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01;
  let c20 = c00, c21 = c01;
  let c30 = c00, c31 = c01;
  let c40 = c00, c41 = c01;
  let c50 = c00, c51 = c01;
  for (; k > 0; k--) {
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
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    a4 += aStep;
    a5 += aStep;
    b += bStep;
  }
  put(c, c00, c01, add);
  c += cRow;
  put(c, c10, c11, add);
  c += cRow;
  put(c, c20, c21, add);
  c += cRow;
  put(c, c30, c31, add);
  c += cRow;
  put(c, c40, c41, add);
  c += cRow;
  put(c, c50, c51, add);
}

/** 4 rows by 8 columns; `rows` of them are real, the others repeat the last real one. */
function tile4(rows: i32, k: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, start: usize, c: usize, cRow: usize, add: bool): void {
  let a0 = a;
  let a1 = rows > 1 ? a0 + aRow : a0;
  let a2 = rows > 2 ? a1 + aRow : a1;
  let a3 = rows > 3 ? a2 + aRow : a2;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01;
  let c20 = c00, c21 = c01;
  let c30 = c00, c31 = c01;
  for (; k > 0; k--) {
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
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    b += bStep;
  }
  put(c, c00, c01, add);
  c += cRow;
  put(c, c10, c11, add);
  c += cRow;
  put(c, c20, c21, add);
  c += cRow;
  put(c, c30, c31, add);
}

// @ts-ignore: decorator
@inline
function put(c: usize, left: v128, right: v128, add: bool): void {
  if (add) {
    v128.store(c, f32x4.add(v128.load(c), left));
    v128.store(c, f32x4.add(v128.load(c, 16), right), 16);
  } else {
    v128.store(c, left);
    v128.store(c, right, 16);
  }
}

/** Copies the real part of a tile at the edge of C. */
function putEdge(tile: usize, c: usize, cRow: usize, rows: i32, columns: i32, add: bool): void {
  for (; rows > 0; rows--) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) {
      store<f32>(c + j, add ? load<f32>(c + j) + load<f32>(tile + j) : load<f32>(tile + j));
    }
    tile += 32;
    c += cRow;
  }
}

/** Packs a block of B into panels [n/8][k][8]; the columns past the end are 0. */
function packPanels(transposed: bool, b: usize, bStride: usize, n: i32, k: i32, to: usize): void {
  const panelBytes = <usize>k << 5;
  for (; n >= 8; n -= 8) {
    if (transposed) {
      transpose4(b, bStride, k, to, 32);
      transpose4(b + (bStride << 2), bStride, k, to + 16, 32);
      b += bStride << 3;
      to += panelBytes;
    } else {
      let from = b;
      for (let p = 0; p < k; p++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += bStride;
        to += 32;
      }
      b += 32;
    }
  }
  if (n == 0) return;
  for (let p = 0; p < k; p++) {
    let from = b;
    for (let j: usize = 0; j < 32; j += 4) {
      store<f32>(to + j, j < <usize>n << 2 ? load<f32>(from) : 0);
      from += transposed ? bStride : 4;
    }
    b += transposed ? 4 : bStride;
    to += 32;
  }
}

/** Packs a block of a transposed A into strips [rows of a tile][k], one for each tile of `stripe`. */
function packRows(a: usize, aStep: usize, m: i32, k: i32, to: usize): void {
  for (let i = 0; i < m; ) {
    const rows = min(tileRows(m - i), m - i);
    let from = a;
    if (rows == 6) {
      for (let p = 0; p < k; p++) {
        v128.store(to, v128.load(from));
        store<u64>(to, load<u64>(from, 16), 16);
        from += aStep;
        to += 24;
      }
    } else {
      for (let p = 0; p < k; p++) {
        for (let j: usize = 0; j < <usize>rows << 2; j += 4) store<u32>(to + j, load<u32>(from + j));
        from += aStep;
        to += <usize>rows << 2;
      }
    }
    a += <usize>rows << 2;
    i += rows;
  }
}

/** Writes four rows of n floats as n rows of four, `toRow` bytes apart. */
export function transpose4(from: usize, fromRow: usize, n: i32, to: usize, toRow: usize): void {
  let p0 = from, p1 = p0 + fromRow, p2 = p1 + fromRow, p3 = p2 + fromRow;
  for (; n >= 4; n -= 4) {
    const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
    to += toRow;
    v128.store(to, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
    to += toRow;
    v128.store(to, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
    to += toRow;
    v128.store(to, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
    to += toRow;
    p0 += 16;
    p1 += 16;
    p2 += 16;
    p3 += 16;
  }
  for (; n > 0; n--) {
    store<u32>(to, load<u32>(p0));
    store<u32>(to, load<u32>(p1), 4);
    store<u32>(to, load<u32>(p2), 8);
    store<u32>(to, load<u32>(p3), 12);
    to += toRow;
    p0 += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
  }
}

/** c[n] (+)= x[k] B[k,n] + bias: one row of C, from one row of A. `bRow` leads to the next k, `bStep` to the next column. */
function row(n: i32, k: i32, x: usize, xStep: usize, b: usize, bRow: usize, bStep: usize, c: usize, bias: usize, add: bool, scratch: usize): void {
  if (bStep != 4) {
    if (xStep != 4) {
      for (let p = 0; p < k; p++) store<f32>(scratch + (<usize>p << 2), load<f32>(x + <usize>p * xStep));
      x = scratch;
    }
    dots(n, k, x, b, bStep, c, bias, add);
    return;
  }
  fillRows(1, n, c, 0, bias, add);
  for (; k >= 4; k -= 4) {
    addRows(n, x, xStep, b, bRow, c);
    x += xStep << 2;
    b += bRow << 2;
  }
  for (; k > 0; k--) {
    addRows(n, x, 0, b, 0, c, 1);
    x += xStep;
    b += bRow;
  }
}

/** c[n] += the sum of `count` (4 or 1) rows of B, each times its x: rows are read from front to end, as memory likes it. */
// @ts-ignore: decorator
@inline
function addRows(n: i32, x: usize, xStep: usize, b: usize, bRow: usize, c: usize, count: i32 = 4): void {
  let q0 = b, q1 = q0 + bRow, q2 = q1 + bRow, q3 = q2 + bRow;
  const x0 = load<f32>(x), x1 = load<f32>(x + xStep), x2 = load<f32>(x + (xStep << 1)), x3 = load<f32>(x + xStep * 3);
  const v0 = f32x4.splat(x0), v1 = f32x4.splat(x1), v2 = f32x4.splat(x2), v3 = f32x4.splat(x3);
  for (; n >= 4; n -= 4) {
    let s = madd(v0, v128.load(q0), v128.load(c));
    if (count == 4) {
      s = madd(v1, v128.load(q1), s);
      s = madd(v2, v128.load(q2), s);
      s = madd(v3, v128.load(q3), s);
    }
    v128.store(c, s);
    c += 16;
    q0 += 16;
    q1 += 16;
    q2 += 16;
    q3 += 16;
  }
  for (; n > 0; n--) {
    let s = load<f32>(c) + x0 * load<f32>(q0);
    if (count == 4) s += x1 * load<f32>(q1) + x2 * load<f32>(q2) + x3 * load<f32>(q3);
    store<f32>(c, s);
    c += 4;
    q0 += 4;
    q1 += 4;
    q2 += 4;
    q3 += 4;
  }
}

/** c[j] (+)= x . B[j] + bias[j]: x and the rows of B, `bStep` bytes apart, are contiguous. */
function dots(n: i32, k: i32, x: usize, b: usize, bStep: usize, c: usize, bias: usize, add: bool): void {
  const vectors = k & ~3;
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p = x, q0 = b, q1 = q0 + bStep, q2 = q1 + bStep, q3 = q2 + bStep;
    for (let i = 0; i < vectors; i += 4) {
      const v = v128.load(p);
      s0 = madd(v, v128.load(q0), s0);
      s1 = madd(v, v128.load(q1), s1);
      s2 = madd(v, v128.load(q2), s2);
      s3 = madd(v, v128.load(q3), s3);
      p += 16;
      q0 += 16;
      q1 += 16;
      q2 += 16;
      q3 += 16;
    }
    const t0 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
    const t2 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
    const u0 = f32x4.add(t0, t1), u1 = f32x4.add(t2, t3);
    let s = f32x4.add(v128.shuffle<f32>(u0, u1, 0, 1, 4, 5), v128.shuffle<f32>(u0, u1, 2, 3, 6, 7));
    for (let i = vectors; i < k; i++) {
      let v = v128.load32_splat(q0);
      v = v128.load_lane<f32>(q1, v, 1);
      v = v128.load_lane<f32>(q2, v, 2);
      v = v128.load_lane<f32>(q3, v, 3);
      s = madd(v128.load32_splat(p), v, s);
      p += 4;
      q0 += 4;
      q1 += 4;
      q2 += 4;
      q3 += 4;
    }
    putRow(c, s, bias, add);
    b = b + (bStep << 2);
    c += 16;
    if (bias) bias += 16;
  }
  for (; j < n; j++) {
    let v = f32x4.splat(0);
    let p = x, q = b;
    for (let i = 0; i < vectors; i += 4) {
      v = madd(v128.load(p), v128.load(q), v);
      p += 16;
      q += 16;
    }
    let s = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
    for (let i = vectors; i < k; i++) {
      s += load<f32>(p) * load<f32>(q);
      p += 4;
      q += 4;
    }
    putOne(c, s, bias, add);
    b += bStep;
    c += 4;
    if (bias) bias += 4;
  }
}

// @ts-ignore: decorator
@inline
function putRow(c: usize, v: v128, bias: usize, add: bool): void {
  if (bias) v = f32x4.add(v, v128.load(bias));
  if (add) v = f32x4.add(v, v128.load(c));
  v128.store(c, v);
}

// @ts-ignore: decorator
@inline
function putOne(c: usize, v: f32, bias: usize, add: bool): void {
  if (bias) v += load<f32>(bias);
  if (add) v += load<f32>(c);
  store<f32>(c, v);
}

/** The product over nothing: C = bias, C = 0, or C += bias. */
function fillRows(m: i32, n: i32, c: usize, cRow: usize, bias: usize, add: bool): void {
  for (; m > 0; m--) {
    for (let j: usize = 0; j < <usize>n << 2; j += 4) {
      store<f32>(c + j, (add ? load<f32>(c + j) : 0) + (bias ? load<f32>(bias + j) : 0));
    }
    c += cRow;
  }
}

/** Copies n (1 to 7) floats and fills up with zeros to eight. */
function padded(from: usize, n: i32, to: usize): void {
  for (let j: usize = 0; j < 32; j += 4) store<f32>(to + j, j < <usize>n << 2 ? load<f32>(from + j) : 0);
}
