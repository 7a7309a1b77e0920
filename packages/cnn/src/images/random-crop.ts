import { ConfigError, ShapeError } from '@dl/core';
import { type Pair, pairOf } from '../geometry/pair';
import type { ImageTransform } from './image-batch';
import { checkFill } from './options';
import { cutWindows } from './window';

/** Options of `randomCrop`. */
export interface CropOptions {
  /** Size of what is cut out. @default the size of the image */
  size?: Pair;
  /** Pixels added to each side before. @default 0 */
  padding?: Pair;
  /** What the padding shows. @default 0 */
  fill?: number;
}

/**
 * Cuts a piece out of each image, each place equally likely: with `padding: 4` what is usual for CIFAR. torchvision's
 * `RandomCrop`.
 *
 * @throws ConfigError for sizes out of their range; ShapeError, when it is used, for a piece larger than the padded image
 */
export function randomCrop({ size, padding = 0, fill = 0 }: CropOptions): ImageTransform {
  const wanted = size === undefined ? undefined : pairOf('randomCrop', 'size', size, 1);
  const [rows, columns] = pairOf('randomCrop', 'padding', padding, 0);
  checkFill('randomCrop', fill);
  if (wanted === undefined && rows === 0 && columns === 0) {
    throw new ConfigError('randomCrop', 'without size or padding nothing is cut off');
  }
  return (images, key) => {
    const [batch, height, width] = images.shape;
    const piece = wanted ?? [height, width];
    const [down, across] = [height + 2 * rows - piece[0], width + 2 * columns - piece[1]];
    if (down < 0 || across < 0) {
      throw new ShapeError(
        'randomCrop',
        `a piece of ${piece[0]} x ${piece[1]} pixels is larger than the padded image`,
        [{ label: 'images', shape: images.shape, axes: ['batch', 'height', 'width', 'channels'] }],
        'use a smaller size, or more padding',
      );
    }
    const top = key.child('rows').integers(batch, -rows, down - rows + 1);
    const left = key.child('columns').integers(batch, -columns, across - columns + 1);
    return cutWindows(images, piece, { top, left }, fill);
  };
}
