// Sequences of different lengths as packed rows. The sequences stand in the order of falling length, and the rows of
// step t are those of all sequences that have a step t, one after the other: `sizes[t]` of them. No row is padding, so
// padding costs no work, and the rows that a step needs of the one before are always the first of its rows.

/** packed[r, :] = x[index[r], :], rows of `width` floats, those of x `stride` floats apart. */
export function packRows(x: usize, stride: i32, index: usize, rows: i32, width: i32, packed: usize): void {
  const bytes = <usize>width << 2;
  const step = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    memory.copy(packed, x + <usize>load<i32>(index) * step, bytes);
    packed += bytes;
    index += 4;
  }
}

/** x[index[r], :] = packed[r, :] */
export function unpackRows(packed: usize, index: usize, rows: i32, width: i32, x: usize, stride: i32): void {
  const bytes = <usize>width << 2;
  const step = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    memory.copy(x + <usize>load<i32>(index) * step, packed, bytes);
    packed += bytes;
    index += 4;
  }
}

/** Row r of what is packed, or of x[index[r], :] where there is an index; rows of `bytes`. */
// @ts-ignore: decorator
@inline
export function rowAt(x: usize, index: usize, r: usize, bytes: usize): usize {
  return x + (index ? <usize>load<i32>(index + (r << 2)) : r) * bytes;
}

/** y[i] += x[i] for n floats. */
export function addRow(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
    x += 16;
    y += 16;
  }
  for (; n > 0; n--) {
    store<f32>(y, load<f32>(y) + load<f32>(x));
    x += 4;
    y += 4;
  }
}

/** y[i] = a[i] b[i] for n floats. */
export function mulRow(a: usize, b: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(y, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    y += 16;
  }
  for (; n > 0; n--) {
    store<f32>(y, load<f32>(a) * load<f32>(b));
    a += 4;
    b += 4;
    y += 4;
  }
}

/** y[i] += a[i] b[i] for n floats. */
export function addProduct(a: usize, b: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(y, f32x4.add(v128.load(y), f32x4.mul(v128.load(a), v128.load(b))));
    a += 16;
    b += 16;
    y += 16;
  }
  for (; n > 0; n--) {
    store<f32>(y, load<f32>(y) + load<f32>(a) * load<f32>(b));
    a += 4;
    b += 4;
    y += 4;
  }
}

/**
 * previous[r, :] = the row of the step before, of the same sequence: h0 for the rows of the first step; times the row of
 * the sequence in `mask`, if there is one. What the gradient of the recurrent weight needs as one matrix.
 */
export function previousRows(
  steps: i32, sizes: usize, h0: usize, h: usize, mask: usize, width: i32, previous: usize,
): void {
  const row = <usize>width << 2;
  let before = h0;
  for (let t = 0; t < steps; t++) {
    const n = load<i32>(sizes + (<usize>t << 2));
    const bytes = <usize>n * row;
    if (mask) mulRow(mask, before, previous, n * width);
    else memory.copy(previous, before, bytes);
    before = h;
    previous += bytes;
    h += bytes;
  }
}

/** state[i, :] = the last row of sequence i; sequences without a row keep what is there. */
export function lastRows(steps: i32, sizes: usize, rows: i32, h: usize, width: i32, state: usize): void {
  const row = <usize>width << 2;
  let done: usize = 0;
  h += <usize>rows * row;
  for (let t = steps - 1; t >= 0; t--) {
    const n = <usize>load<i32>(sizes + (<usize>t << 2));
    h -= n * row;
    memory.copy(state + done * row, h + done * row, (n - done) * row);
    done = n;
  }
}
