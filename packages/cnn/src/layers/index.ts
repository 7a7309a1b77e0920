export { Conv1d, type Conv1dConfig, conv1dSpec as conv1d } from './conv-1d';
export { Conv2d, type Conv2dConfig, conv2dSpec as conv2d } from './conv-2d';
export {
  ConvTranspose2d,
  type ConvTranspose2dConfig,
  convTranspose2dSpec as convTranspose2d,
} from './conv-transpose-2d';
export {
  DepthwiseConv2d,
  type DepthwiseConv2dConfig,
  depthwiseConv2dSpec as depthwiseConv2d,
} from './depthwise-conv-2d';
export {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  type AdaptivePool2dConfig,
  AvgPool2d,
  adaptiveAvgPool2dSpec as adaptiveAvgPool2d,
  adaptiveMaxPool2dSpec as adaptiveMaxPool2d,
  avgPool2dSpec as avgPool2d,
  GlobalAvgPool2d,
  GlobalMaxPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  MaxPool2d,
  maxPool2dSpec as maxPool2d,
} from './pooling';
export { AvgPool1d, avgPool1d, MaxPool1d, maxPool1d, type Pool1dOptions } from './pooling-1d';
export {
  SeparableConv2d,
  type SeparableConv2dConfig,
  separableConv2dSpec as separableConv2d,
} from './separable-conv-2d';
