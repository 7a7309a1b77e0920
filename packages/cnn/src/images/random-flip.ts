import { ConfigError } from '@dl/core';
import { blank, type ImageTransform } from './image-batch';
import { checkProbability } from './options';

/** Options of `randomFlip`. */
export interface FlipOptions {
  /** Left and right change places, or top and bottom. @default 'horizontal' */
  axis?: 'horizontal' | 'vertical';
  /** The share of images that are flipped. @default 0.5 */
  probability?: number;
}

/**
 * Mirrors images at random. torchvision's `RandomHorizontalFlip` and `RandomVerticalFlip`.
 *
 * @throws ConfigError for another axis, or a probability that is none
 */
export function randomFlip({ axis = 'horizontal', probability = 0.5 }: FlipOptions = {}): ImageTransform {
  if (axis !== 'horizontal' && axis !== 'vertical') {
    throw new ConfigError('randomFlip', `the axis '${String(axis)}' is not known`, 'it can be horizontal or vertical');
  }
  checkProbability('randomFlip', probability);
  return (images, key) => {
    const [batch, height, width, channels] = images.shape;
    const draws = key.uniform(batch);
    const result = blank(images.shape, 0);
    for (let n = 0; n < batch; n++) {
      const flips = draws[n]! < probability;
      for (let row = 0; row < height; row++) {
        const fromRow = flips && axis === 'vertical' ? height - 1 - row : row;
        const from = (n * height + fromRow) * width * channels;
        const to = (n * height + row) * width * channels;
        if (!flips || axis === 'vertical') {
          result.data.set(images.data.subarray(from, from + width * channels), to);
          continue;
        }
        for (let column = 0; column < width; column++) {
          const pixel = from + (width - 1 - column) * channels;
          for (let c = 0; c < channels; c++) result.data[to + column * channels + c] = images.data[pixel + c]!;
        }
      }
    }
    return result;
  };
}
