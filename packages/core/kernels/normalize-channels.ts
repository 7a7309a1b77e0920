/**
 * y[r, k] = (x[r, k] - mean[k]) * scale[k] / sqrt(variance[k] + epsilon) + offset[k]; scale and offset may be absent (0).
 * `factor`: scratch of `channels` floats.
 */
export function normalizeChannels(
  x: usize,
  y: usize,
  rows: i32,
  channels: i32,
  mean: usize,
  variance: usize,
  scale: usize,
  offset: usize,
  epsilon: f32,
  factor: usize,
): void {
  const bytes = <usize>channels << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    const top: f32 = scale ? load<f32>(scale + k) : 1;
    store<f32>(factor + k, <f32>(<f64>top / sqrt<f64>(<f64>load<f32>(variance + k) + <f64>epsilon)));
  }
  for (let r = 0; r < rows; r++, x += bytes, y += bytes) {
    let k: usize = 0;
    for (; k + 16 <= bytes; k += 16) {
      let v = f32x4.mul(f32x4.sub(v128.load(x + k), v128.load(mean + k)), v128.load(factor + k));
      if (offset) v = f32x4.add(v, v128.load(offset + k));
      v128.store(y + k, v);
    }
    for (; k < bytes; k += 4) {
      const v = (load<f32>(x + k) - load<f32>(mean + k)) * load<f32>(factor + k);
      store<f32>(y + k, offset ? v + load<f32>(offset + k) : v);
    }
  }
}
