/**
 * The positions of Vaswani et al. 2017: `sin(t / 10000^(2i / dim))` in the even features, the cosine in the odd ones.
 *
 * @param from the place of the first step
 * @returns `[time, dim]`
 */
export function sinusoidalPositions(time: number, dim: number, from = 0): Float32Array {
  const values = new Float32Array(time * dim);
  for (let t = 0; t < time; t++) {
    for (let i = 0; i < dim; i++) {
      const angle = (t + from) / 10000 ** ((i - (i % 2)) / dim);
      values[t * dim + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return values;
}
