import { DtypeError, type Key, ShapeError } from '@dl/core';
import type { Tensor } from '@dl/core/ops';

/** A batch of images in JavaScript memory: `[batch, height, width, channels]`, row-major. */
export interface ImageBatch {
  readonly data: Float32Array;
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
}

/**
 * A random change of images, each of the batch by itself. The same key gives the same result; what is given stays as it
 * is.
 */
export type ImageTransform = (images: ImageBatch, key: Key) => ImageBatch;

/**
 * The images of a tensor.
 *
 * @throws ShapeError unless it is `[batch, height, width, channels]`, DtypeError unless it is float32
 */
export function imagesOf(where: string, x: Tensor): ImageBatch {
  if (x.rank !== 4) {
    throw new ShapeError(
      where,
      `the images have ${x.rank} axes, [batch, height, width, channels] is needed`,
      [{ label: 'images', shape: x.shape }],
      x.rank === 3 ? `a single image needs a batch axis in front: [1, ${x.shape.join(', ')}]` : undefined,
    );
  }
  if (x.dtype !== 'float32') {
    throw new DtypeError(`${where}: the images hold ${x.dtype}, float32 is needed: cast(x, 'float32')`);
  }
  return { data: x.dataSync<'float32'>(), shape: x.shape as [number, number, number, number] };
}

/** Images of this shape, filled with one value. */
export function blank(shape: ImageBatch['shape'], fill: number): ImageBatch {
  return { data: new Float32Array(shape[0] * shape[1] * shape[2] * shape[3]).fill(fill), shape };
}
