export { augment, augmentImages } from './augment';
export { type CutoutOptions, cutout } from './cutout';
export type { ImageBatch, ImageTransform } from './image-batch';
export { type CropOptions, randomCrop } from './random-crop';
export { type FlipOptions, randomFlip } from './random-flip';
export { type RotationOptions, randomRotation } from './random-rotation';
export { randomShift, type ShiftOptions } from './random-shift';
