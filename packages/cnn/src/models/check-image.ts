import { type Shape, ShapeError } from '@dl/core';

/** The shape of an image must be [height, width, channels], with so many pixels at least each way. */
export function checkImage(where: string, input: Shape, least: number): void {
  const shapes = [{ label: 'input', shape: input, axes: ['height', 'width', 'channels'] }];
  if (input.length !== 3) {
    throw new ShapeError(where, 'the shape of an image must be [height, width, channels], without the batch', shapes);
  }
  if (input[0]! < least || input[1]! < least) {
    throw new ShapeError(where, `images of at least ${least} x ${least} pixels are needed`, shapes);
  }
}
