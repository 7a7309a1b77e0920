import { type Pair, pairOf } from '../geometry/pair';
import type { ImageTransform } from './image-batch';
import { checkFill } from './options';

/** Options of `cutout`. */
export interface CutoutOptions {
  /** Size of the hole. */
  size: Pair;
  /** What the hole shows. @default 0 */
  fill?: number;
}

/**
 * Covers a rectangle of each image, so that the network does not lean on one feature alone. Its centre is any pixel, and
 * so part of it may lie outside. DeVries and Taylor 2017.
 *
 * @throws ConfigError unless the size is of positive integers
 */
export function cutout({ size, fill = 0 }: CutoutOptions): ImageTransform {
  const [holeHeight, holeWidth] = pairOf('cutout', 'size', size, 1);
  checkFill('cutout', fill);
  return (images, key) => {
    const [batch, height, width, channels] = images.shape;
    const data = images.data.slice();
    const rows = key.child('rows').integers(batch, 0, height);
    const columns = key.child('columns').integers(batch, 0, width);
    for (let n = 0; n < batch; n++) {
      const [top, left] = [rows[n]! - (holeHeight >> 1), columns[n]! - (holeWidth >> 1)];
      const [first, last] = [Math.max(0, left), Math.min(width, left + holeWidth)];
      for (let row = Math.max(0, top); row < Math.min(height, top + holeHeight); row++) {
        const at = (n * height + row) * width;
        data.fill(fill, (at + first) * channels, (at + last) * channels);
      }
    }
    return { data, shape: images.shape };
  };
}
