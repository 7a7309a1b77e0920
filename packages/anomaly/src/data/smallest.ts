/**
 * The places of the `count` smallest values, in ascending order of place; of equal values at the limit, the first ones.
 *
 * @param scratch as long as `values`; overwritten
 */
export function smallest(values: Float64Array, count: number, scratch: Float64Array): Int32Array {
  scratch.set(values);
  const limit = select(scratch, count - 1);
  const places = new Int32Array(count);
  let below = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! < limit) below++;
  let [at, equal] = [0, count - below];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < limit || (value === limit && equal-- > 0)) places[at++] = i;
  }
  return places;
}

/** The value that would stand at `place` in ascending order; reorders. Hoare's quickselect, median of three. */
function select(values: Float64Array, place: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const [a, b, c] = [values[left]!, values[(left + right) >> 1]!, values[right]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swapped;
      }
    }
    if (place <= j) right = j;
    else if (place >= i) left = i;
    else break;
  }
  return values[place]!;
}
