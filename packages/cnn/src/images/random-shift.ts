import { type Pair, pairOf } from '../geometry/pair';
import type { ImageTransform } from './image-batch';
import { checkFill } from './options';
import { cutWindows } from './window';

/** Options of `randomShift`. */
export interface ShiftOptions {
  /** How far at most, in pixels: up or down, and left or right. */
  pixels: Pair;
  /** What comes in at the edges. @default 0 */
  fill?: number;
}

/**
 * Moves each image by whole pixels, each distance from `-pixels` to `pixels` equally likely.
 *
 * @throws ConfigError unless the distances are integers of at least 0
 */
export function randomShift({ pixels, fill = 0 }: ShiftOptions): ImageTransform {
  const [rows, columns] = pairOf('randomShift', 'pixels', pixels, 0);
  checkFill('randomShift', fill);
  return (images, key) => {
    const [batch, height, width] = images.shape;
    const top = key.child('rows').integers(batch, -rows, rows + 1);
    const left = key.child('columns').integers(batch, -columns, columns + 1);
    return cutWindows(images, [height, width], { top, left }, fill);
  };
}
