/**
 * Running sums of x [outer, size, inner] along its middle axis, from its end where `reverse`; where `exclusive` each
 * leaves out its own number.
 */
export function cumulativeSum(
  x: usize,
  y: usize,
  outer: i32,
  size: i32,
  inner: i32,
  exclusive: bool,
  reverse: bool,
): void {
  const row = <usize>inner << 2;
  const step = reverse ? 0 - row : row;
  for (let o = 0; o < outer; o++, x += <usize>size * row, y += <usize>size * row) {
    const start = reverse ? <usize>(size - 1) * row : 0;
    if (inner == 1) cumulateRow(x + start, y + start, size, step, exclusive);
    else cumulateRows(x + start, y + start, size, row, step, exclusive);
  }
}

// @ts-ignore: decorator
@inline
function cumulateRow(x: usize, y: usize, n: i32, step: usize, exclusive: bool): void {
  let sum: f64 = 0;
  for (; n > 0; n--, x += step, y += step) {
    const before = sum;
    sum += <f64>load<f32>(x);
    store<f32>(y, <f32>(exclusive ? before : sum));
  }
}

// @ts-ignore: decorator
@inline
function cumulateRows(x: usize, y: usize, n: i32, row: usize, step: usize, exclusive: bool): void {
  if (exclusive) memory.fill(y, 0, row);
  else memory.copy(y, x, row);
  for (let r = 1; r < n; r++) {
    const last = y;
    y += step;
    const added = exclusive ? x : x + step;
    x += step;
    let k: usize = 0;
    for (; k + 16 <= row; k += 16) v128.store(y + k, f32x4.add(v128.load(last + k), v128.load(added + k)));
    for (; k < row; k += 4) store<f32>(y + k, load<f32>(last + k) + load<f32>(added + k));
  }
}
