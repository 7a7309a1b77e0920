import { matMul, reshape, type Tensor, tensor2d } from '@dl/core/ops';

/** Applies one matrix to the rows of images and one to their columns: [batch, height, width, channels] to [batch, outHeight, outWidth, channels]. */
export function mapAxes(x: Tensor, rows: Tensor, columns: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [outHeight, outWidth] = [rows.shape[0], columns.shape[0]];
  const lines = matMul(reshape(rows, [1, outHeight, height]), reshape(x, [batch, height, width * channels]));
  const pixels = matMul(reshape(columns, [1, outWidth, width]), reshape(lines, [batch * outHeight, width, channels]));
  return reshape(pixels, [batch, outHeight, outWidth, channels]);
}

/** A matrix from its elements by row and column. */
export function matrixOf(rows: number, columns: number, element: (row: number, column: number) => number): Tensor {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => element(Math.floor(i / columns), i % columns));
  return tensor2d(values, [rows, columns]);
}
