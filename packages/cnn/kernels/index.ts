// What the module of @dl/cnn exports: convolutions, pooling, and the gradients of @dl/core's convolutions.
export { activationGradient } from '@dl/core/kernels/activations';
export { constantsSize, useConstants } from '@dl/core/kernels/constants';
export {
  convolutionFilterGradient,
  convolutionInputGradient,
  convolutionScratch,
  depthwiseFilterGradient,
  depthwiseInputGradient,
  depthwiseScratch,
} from '@dl/core/kernels/conv-gradients';
export { convolve, convolveScratch, flipFilter } from './convolve';
export { depthwise } from './depthwise';
export { allPatches, addAllPatches } from './patches';
export { averagePool, averagePoolGradient, gatherPlanes, maxPool, scatterPlanes } from './pool';
