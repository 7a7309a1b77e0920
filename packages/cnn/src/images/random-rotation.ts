import { ConfigError } from '@dl/core';
import { blank, type ImageTransform } from './image-batch';
import { checkFill } from './options';

/** Options of `randomRotation`. */
export interface RotationOptions {
  /** How far at most to either side, in degrees. */
  degrees: number;
  /** What the corners show. @default 0 */
  fill?: number;
}

/**
 * Turns each image about its centre, each angle from `-degrees` to `degrees` equally likely; pixels between pixels are
 * interpolated. torchvision's `RandomRotation` with bilinear interpolation.
 *
 * @throws ConfigError unless the angle is a number from 0 to 180
 */
export function randomRotation({ degrees, fill = 0 }: RotationOptions): ImageTransform {
  if (!(degrees >= 0 && degrees <= 180)) {
    throw new ConfigError('randomRotation', `degrees must be a number from 0 to 180, it is ${String(degrees)}`);
  }
  checkFill('randomRotation', fill);
  return (images, key) => {
    const [batch, height, width, channels] = images.shape;
    const { data } = images;
    const result = blank(images.shape, fill);
    if (degrees === 0) {
      result.data.set(data);
      return result;
    }
    const angles = key.uniform(batch, { min: -degrees, max: degrees });
    const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
    for (let n = 0; n < batch; n++) {
      const angle = (angles[n]! * Math.PI) / 180;
      const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
      const image = n * height * width * channels;
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          // Where the pixel comes from.
          const y = middleRow + cos * (row - middleRow) - sin * (column - middleColumn);
          const x = middleColumn + sin * (row - middleRow) + cos * (column - middleColumn);
          const [top, left] = [Math.floor(y), Math.floor(x)];
          if (top < -1 || top >= height || left < -1 || left >= width) continue;
          const to = image + (row * width + column) * channels;
          const at = image + (top * width + left) * channels;
          const [down, across] = [y - top, x - left];
          const [hasTop, hasBottom] = [top >= 0, top < height - 1];
          const [hasLeft, hasRight] = [left >= 0, left < width - 1];
          for (let c = 0; c < channels; c++) {
            const a = hasTop && hasLeft ? data[at + c]! : fill;
            const b = hasTop && hasRight ? data[at + channels + c]! : fill;
            const d = hasBottom && hasLeft ? data[at + width * channels + c]! : fill;
            const e = hasBottom && hasRight ? data[at + (width + 1) * channels + c]! : fill;
            result.data[to + c] = (1 - down) * ((1 - across) * a + across * b) + down * ((1 - across) * d + across * e);
          }
        }
      }
    }
    return result;
  };
}
