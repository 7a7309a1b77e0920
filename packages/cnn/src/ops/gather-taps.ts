import type { Geometry } from '@dl/core/ops';
import { gather, reshape, type Tensor, tensor1d, transpose, unsortedSegmentSum } from '@dl/core/ops';

// Patches out of tfjs operations, for every backend: rows are gathered, then columns, and added back the same way.

/** [outHeight * kernelHeight] rows, [outWidth * kernelWidth] columns; the image must be padded already. */
function taps(g: Geometry): { rows: Tensor; columns: Tensor } {
  return {
    rows: places(g.outHeight, g.filterHeight, g.strideHeight, g.dilationHeight),
    columns: places(g.outWidth, g.filterWidth, g.strideWidth, g.dilationWidth),
  };
}

function places(out: number, kernel: number, stride: number, dilation: number): Tensor {
  const all = Int32Array.from(
    { length: out * kernel },
    (_, i) => Math.floor(i / kernel) * stride + (i % kernel) * dilation,
  );
  return tensor1d(all, 'int32');
}

/** The patches of a padded image: [batch, outHeight, outWidth, kernelHeight, kernelWidth, channels]. */
export function gatherTaps(x: Tensor, g: Geometry): Tensor {
  const { rows, columns } = taps(g);
  const grid = gather(gather(x, rows, 1), columns, 2);
  const split = reshape(grid, [g.batch, g.outHeight, g.filterHeight, g.outWidth, g.filterWidth, g.inChannels]);
  return transpose(split, [0, 1, 3, 2, 4, 5]);
}

/** Adds patches up at the places they were taken from: [batch, height, width, channels], padding included. */
export function scatterTaps(patches: Tensor, g: Geometry, height: number, width: number): Tensor {
  const { rows, columns } = taps(g);
  const grid = reshape(transpose(patches, [0, 1, 3, 2, 4, 5]), [
    g.batch,
    g.outHeight * g.filterHeight,
    g.outWidth * g.filterWidth,
    g.inChannels,
  ]);
  return sumInto(sumInto(grid, columns, 2, width), rows, 1, height);
}

/** Sums the elements of an axis by their number in `to`. */
function sumInto(x: Tensor, to: Tensor, axis: number, size: number): Tensor {
  const order = [axis, ...x.shape.map((_, i) => i).filter((i) => i !== axis)];
  const back = x.shape.map((_, i) => order.indexOf(i));
  return transpose(unsortedSegmentSum(transpose(x, order), to as Parameters<typeof unsortedSegmentSum>[1], size), back);
}
