export { type AxisSizes, kernelSpan, outputSize } from '../geometry/output-size';
export type { Padding, Sides } from '../geometry/padding';
export type { Pair } from '../geometry/pair';
export type { PoolOptions } from '../geometry/windows';
export { type Conv1dOptions, conv1d, type Padding1d } from './conv-1d';
export { type Conv2dOptions, conv2d } from './conv-2d';
export { conv2dInput, conv2dWeight } from './conv-2d-gradients';
export { type ConvTranspose2dOptions, convTranspose2d } from './conv-transpose-2d';
export type { ConvolutionAlgorithm, ConvolutionOptions } from './convolution-plan';
export { col2im, im2col, type PatchOptions } from './im2col';
export { type InterpolateOptions, interpolate } from './interpolate';
export { type PaddingMode, padImage } from './pad-image';
export { maxUnpool2d } from './planes';
export {
  type AvgPool2dOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  type MaxPool2dOptions,
  maxPool2d,
  maxPool2dWithIndices,
} from './pool-2d';
