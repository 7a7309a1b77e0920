import type { Key } from '@dl/core';
import type { BatchPosition } from '@dl/core/data';
import { type Tensor, tensor } from '@dl/core/ops';
import { type ImageTransform, imagesOf } from './image-batch';

/**
 * Changes a batch of images by one transform after the other.
 *
 * @param x [batch, height, width, channels] float32; stays yours
 * @param transforms `randomShift({ pixels: 2 })` and its like
 * @param key draws; the same key gives the same result
 * @returns the images, which are yours
 * @throws ShapeError, DtypeError where it is no batch of images or a transform does not fit it
 */
export function augmentImages(x: Tensor, transforms: readonly ImageTransform[], key: Key): Tensor {
  const images = transforms.reduce((given, transform, i) => transform(given, key.fold(i)), imagesOf('augment', x));
  return tensor(images.data, [...images.shape], 'float32');
}

/**
 * Random changes of the images of batches, for `map` of a batched dataset: every epoch sees other images. What an image
 * becomes depends on the key, the epoch and the number of the batch alone, so that a training that is resumed sees what
 * it would have seen.
 *
 * @param key draws
 * @param transforms applied one after the other
 * @returns a function of a batch whose field `x` is images `[batch, height, width, channels]`; other fields stay
 *
 * @example
 * ```ts
 * import { init, key } from '@dl/core';
 * import { Dataset } from '@dl/core/data';
 * import { augment, randomFlip, randomShift } from '@dl/cnn';
 *
 * await init();
 * const x = { data: new Float32Array(100 * 8 * 8), shape: [100, 8, 8, 1] };
 * const data = Dataset.fromArrays({ x, y: new Int32Array(100) });
 * const batches = data
 *   .shuffle(key(0))
 *   .batch(20)
 *   .map(augment(key(1), [randomShift({ pixels: 2 }), randomFlip()]));
 * ```
 */
export function augment(
  key: Key,
  transforms: readonly ImageTransform[],
): <B extends { x: Tensor }>(batch: B, position: BatchPosition) => B {
  return (batch, { epoch, index }) => ({
    ...batch,
    x: augmentImages(batch.x, transforms, key.fold(epoch).fold(index)),
  });
}
