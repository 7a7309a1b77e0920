import { ShapeError } from '@dl/core';
import {
  add,
  defineOp,
  gather,
  mul,
  reshape,
  scalar,
  type Tensor,
  tensor,
  tensor1d,
  tidy,
  unsortedSegmentSum,
} from '@dl/core/ops';
import { pairOf } from '../geometry/pair';
import { kernels } from '../kernels';
import { checkFloats } from './conv-2d';

/** The size of the plane that indices point into. */
export interface PlaneSize {
  height: number;
  width: number;
}

/** y[n, indices[n,i,j,c], c] = the sum of x[n,i,j,c]: the gradient of a maximum, and unpooling. */
export const scatterPlanes = defineOp({
  name: 'scatterPlanes',
  error: '1e-6 relative',
  saves: ['indices', 'x'],
  supports: ({ x }) => x.dtype === 'float32',
  forward: ({ x, indices }: { x: Tensor; indices: Tensor }, { height, width }: PlaneSize) => {
    const [batch, , , channels] = x.shape as [number, number, number, number];
    const places = flatPlaces(indices, height * width) as Parameters<typeof unsortedSegmentSum>[1];
    const flat = unsortedSegmentSum(reshape(x, [x.size]), places, batch * height * width * channels);
    return reshape(flat, [batch, height, width, channels]);
  },
  backward: ({ indices, dy }): { x: () => Tensor } => ({ x: () => gatherPlanes({ x: dy, indices }) }),
  kernel: ({ x, indices }, { height, width }, heap) => {
    const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
    const y = heap.tensor([batch, height, width, channels]);
    kernels
      .on(heap)
      .scatterPlanes(
        heap.address(x),
        heap.address(indices),
        heap.address(y),
        batch,
        rows * columns,
        height * width,
        channels,
      );
    return y;
  },
});

/** y[n,i,j,c] = x[n, indices[n,i,j,c], c] */
export const gatherPlanes = defineOp({
  name: 'gatherPlanes',
  error: 'exact',
  saves: ['indices', 'x'],
  supports: ({ x }) => x.dtype === 'float32',
  forward: ({ x, indices }: { x: Tensor; indices: Tensor }) => {
    const places = flatPlaces(indices, x.shape[1]! * x.shape[2]!);
    return reshape(gather(reshape(x, [x.size]), places), indices.shape);
  },
  backward: ({ x, indices, dy }): { x: () => Tensor } => ({
    x: () => scatterPlanes({ x: dy, indices }, { height: x.shape[1]!, width: x.shape[2]! }),
  }),
  kernel: ({ x, indices }, _, heap) => {
    const [batch, rows, columns, channels] = indices.shape as [number, number, number, number];
    const y = heap.tensor(indices.shape);
    const inPixels = x.shape[1]! * x.shape[2]!;
    kernels
      .on(heap)
      .gatherPlanes(heap.address(x), heap.address(indices), heap.address(y), batch, inPixels, rows * columns, channels);
    return y;
  },
});

/** Indices into a plane as indices into the whole tensor [batch, plane, channels]. */
function flatPlaces(indices: Tensor, plane: number): Tensor {
  const [batch, , , channels] = indices.shape as [number, number, number, number];
  const starts = Int32Array.from({ length: batch * channels }, (_, i) => {
    const example = Math.floor(i / channels);
    return example * plane * channels + (i % channels);
  });
  const base = reshape(tensor1d(starts, 'int32'), [batch, 1, 1, channels]);
  return reshape(add(mul(indices, scalar(channels, 'int32')), base), [indices.size]);
}

/**
 * Puts values back to where a max pooling took them from, and zeros elsewhere. PyTorch's `F.max_unpool2d`. Of values
 * with the same index, as overlapping windows give them, the last one counts.
 *
 * @param x [batch, outHeight, outWidth, channels]
 * @param indices as of `maxPool2dWithIndices`, int32, of the same shape
 * @param size of the image: [height, width]
 * @returns [batch, height, width, channels]
 * @throws ShapeError where the shapes differ or an index lies outside the image
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, size: readonly [height: number, width: number]): Tensor {
  return unpoolPlanes('maxUnpool2d', x, indices, size);
}

/** `maxUnpool2d` under the name of who calls it. */
export function unpoolPlanes(
  where: string,
  x: Tensor,
  indices: Tensor,
  size: readonly [height: number, width: number],
): Tensor {
  const shapes = [
    { label: 'input', shape: x.shape, axes: ['batch', 'height', 'width', 'channels'] },
    { label: 'indices', shape: indices.shape },
  ];
  checkFloats(where, { input: x });
  if (x.rank !== 4 || !haveSameShape(x, indices) || indices.dtype !== 'int32') {
    throw new ShapeError(where, 'the input must be an image, with int32 indices of the same shape', shapes);
  }
  const [height, width] = pairOf(where, 'size', size, 1);
  const places = height * width;
  const at = indices.dataSync() as Int32Array;
  for (const index of at) {
    if (index >= 0 && index < places) continue;
    throw new ShapeError(
      where,
      `the index ${index} lies outside an image of ${height} x ${width} pixels`,
      shapes,
      'give the size of the image that was pooled',
    );
  }
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const kept = lastOfEach(at, { batch, values: rows * columns, channels, places });
  return tidy(() => {
    const values = kept === undefined ? x : mul(x, tensor(kept, x.shape));
    const constant = tensor(at, indices.shape, 'int32'); // where the pooling is on the same tape: no gradient by places
    return scatterPlanes({ x: values, indices: constant }, { height, width });
  });
}

/** Whether two tensors agree in every axis. */
export function haveSameShape(a: Tensor, b: Tensor): boolean {
  return a.rank === b.rank && a.shape.every((size, i) => size === b.shape[i]);
}

/** 1 for the last value of each place, 0 for those that it takes the place of; undefined where all places differ. */
function lastOfEach(
  indices: ArrayLike<number>,
  { batch, values, channels, places }: { batch: number; values: number; channels: number; places: number },
): Float32Array | undefined {
  const kept = new Float32Array(indices.length).fill(1);
  const taken = new Uint8Array(places * channels);
  let overlap = false;
  for (let n = 0; n < batch; n++) {
    taken.fill(0);
    for (let i = values * channels - 1; i >= 0; i--) {
      const place = indices[n * values * channels + i]! * channels + (i % channels);
      if (taken[place] === 1) {
        kept[n * values * channels + i] = 0;
        overlap = true;
      }
      taken[place] = 1;
    }
  }
  return overlap ? kept : undefined;
}
