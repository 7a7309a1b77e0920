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
export { MaxUnpool1d, type MaxUnpool1dConfig, MaxUnpool2d, type MaxUnpool2dConfig, type Unpooling } from './max-unpool';
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
export {
  AdaptiveAvgPool1d,
  AdaptiveMaxPool1d,
  type AdaptivePool1dConfig,
  AvgPool1d,
  type AvgPool1dOptions,
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  GlobalAvgPool1d,
  GlobalMaxPool1d,
  globalAvgPool1d,
  globalMaxPool1d,
  MaxPool1d,
  type MaxPool1dOptions,
  maxPool1d,
  type Pool1dOptions,
} from './pooling-1d';
export {
  SeparableConv2d,
  type SeparableConv2dConfig,
  separableConv2dSpec as separableConv2d,
} from './separable-conv-2d';
export { Upsample, type UpsampleConfig, upsample } from './upsample';
