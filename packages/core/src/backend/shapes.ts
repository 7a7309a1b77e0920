/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Row-major strides in elements; 0 for dimensions of size 1, whatever they are repeated to. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = shape[i] === 1 ? 0 : stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** The shape with other sizes, none or several, in the place of one axis. */
export function replaceAxis(shape: readonly number[], axis: number, ...sizes: readonly number[]): number[] {
  return [...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)];
}
