// Empirical distribution functions: how many training values lie below a value, and how many up to it.

/**
 * below [m, d] and upTo [m, d] (int32): for each number of the rows x [m, d], how many of its feature's training values are
 * smaller, and how many are not larger.
 *
 * @param sorted [d, n]: the training values of each feature, ascending
 */
export function ranks(m: i32, d: i32, x: usize, n: i32, sorted: usize, below: usize, upTo: usize): void {
  const row = <usize>d << 3, half = <usize>d << 2;
  for (let f: usize = 0; f < <usize>d; f++) {
    const values = sorted + f * (<usize>n << 3);
    let at = x + (f << 3), b = below + (f << 2), u = upTo + (f << 2);
    let i = 0;
    // Four searches at a time: each waits for memory, not for the others.
    for (; i + 4 <= m; i += 4) {
      const v0 = load<f64>(at), v1 = load<f64>(at + row), v2 = load<f64>(at + 2 * row), v3 = load<f64>(at + 3 * row);
      let p0 = values, p1 = values, p2 = values, p3 = values;
      let left = n;
      while (left > 1) {
        const middle = left >> 1;
        const step = <usize>middle << 3;
        p0 = select<usize>(p0 + step, p0, load<f64>(p0 + step - 8) < v0);
        p1 = select<usize>(p1 + step, p1, load<f64>(p1 + step - 8) < v1);
        p2 = select<usize>(p2 + step, p2, load<f64>(p2 + step - 8) < v2);
        p3 = select<usize>(p3 + step, p3, load<f64>(p3 + step - 8) < v3);
        left -= middle;
      }
      put(values, n, p0, v0, b, u);
      put(values, n, p1, v1, b + half, u + half);
      put(values, n, p2, v2, b + 2 * half, u + 2 * half);
      put(values, n, p3, v3, b + 3 * half, u + 3 * half);
      at += row << 2;
      b += half << 2;
      u += half << 2;
    }
    for (; i < m; i++) {
      const v = load<f64>(at);
      let p = values;
      let left = n;
      while (left > 1) {
        const middle = left >> 1;
        const step = <usize>middle << 3;
        p = select<usize>(p + step, p, load<f64>(p + step - 8) < v);
        left -= middle;
      }
      put(values, n, p, v, b, u);
      at += row;
      b += half;
      u += half;
    }
  }
}

/** The last step of the search, and the search for the end of the equal values: by steps that double. */
// @ts-ignore: decorator
@inline
function put(values: usize, n: i32, p: usize, v: f64, below: usize, upTo: usize): void {
  let count = <i32>((p - values) >> 3);
  if (load<f64>(p) < v) count++;
  store<i32>(below, count);
  if (count < n && load<f64>(values + (<usize>count << 3)) == v) count = end(values, n, count, v);
  store<i32>(upTo, count);
}

/** The first place after `from` whose value is above v. */
function end(values: usize, n: i32, from: i32, v: f64): i32 {
  let step = 1;
  while (from + step < n && load<f64>(values + (<usize>(from + step) << 3)) <= v) {
    from += step;
    step <<= 1;
  }
  while (step > 0) {
    if (from + step < n && load<f64>(values + (<usize>(from + step) << 3)) <= v) from += step;
    step >>= 1;
  }
  return from + 1;
}
