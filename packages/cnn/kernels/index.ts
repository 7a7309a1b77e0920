// What the module of @dl/cnn exports: convolutions, pooling, and the gradients of @dl/core's convolutions.
export { activationGradient } from '@dl/core/kernels/activations';
export { constantsSize, useConstants } from '@dl/core/kernels/constants';
export {
  convolution,
  convolutionFilterGradient,
  convolutionFilterGradientScratch,
  convolutionInputGradient,
  convolutionInputGradientScratch,
  convolutionScratch,
} from './convolution';
export { depthwiseFilterGradient, depthwiseInputGradient, depthwiseScratch } from '@dl/core/kernels/depthwise-gradients';
export { depthwise } from '@dl/core/kernels/depthwise';
export { allPatches, addAllPatches } from './patches';
export { averagePool, averagePoolGradient, gatherPlanes, maxPool, scatterPlanes } from './pool';
