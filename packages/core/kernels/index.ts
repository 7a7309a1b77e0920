// What the core module exports. One file a family; the files are also the library that layer packages compile against.
export { activationGradient, activatePrelu } from './activations';
export { binary, select32 } from './broadcast';
export { constantsSize, useConstants } from './constants';
export {
  convolutionFilterGradient,
  convolutionFilterGradientScratch,
  convolutionInputGradient,
  convolutionInputGradientScratch,
} from './convolution-gradients';
export { depthwiseFilterGradient, depthwiseInputGradient, depthwiseScratch } from './depthwise-gradients';
export {
  dilation2d,
  dilation2dFilterGradient,
  dilation2dFilterGradientOfIntegers,
  dilation2dInputGradient,
  dilation2dInputGradientOfIntegers,
  dilation2dOfIntegers,
} from './dilation';
export { gemm, gemmBatched, gemmScratch } from './gemm';
export {
  elu,
  eluGradient,
  gelu,
  geluGradient,
  geluTanh,
  geluTanhGradient,
  hardsigmoid,
  hardsigmoidGradient,
  hardswish,
  hardswishGradient,
  hardtanh,
  hardtanhGradient,
  leakyRelu,
  leakyReluGradient,
  logSigmoid,
  logSigmoidGradient,
  mish,
  mishGradient,
  reluGradient,
  selu,
  seluGradient,
  sigmoidGradient,
  silu,
  siluGradient,
  softplusOf,
  softplusOfGradient,
  softsign,
  softsignGradient,
  tanhGradient,
} from './pointwise';
export { maxPoolGradient } from './pooling';
export { crossEntropy, crossEntropyGradient } from './cross-entropy';
export { dropout } from './dropout';
export { channelAffine, channelNorm, channelNormGradient, rowNorm, rowNormGradient } from './norm';
export { pairLoss, pairLossGradient, pairLossSum } from './pair-losses';
export { logSoftmax, logSoftmaxGradient, softmaxGradient } from './softmax';
export { threefryBits } from './threefry';
export {
  erf,
  exp,
  expm1,
  log,
  log1p,
  reciprocalRoot,
  sigmoid,
  sign,
  softplus,
  squareRoot,
  tanh,
} from './vector-math';
export { adadelta, adagrad, adam, adamax, blend, gradientSquares, lion, rmsprop, sgd } from './optimizers';
export { firstOutside, gatherRows, segmentSum, segmentSumInt } from './gather';
export { cumulativeSum } from './cumulate';
export { copyRows, transposeWords } from './movement';
export { normalizeChannels } from './normalize-channels';
export { argMax, argMin, reduceMax, reduceMin, reduceProd, reduceSum } from './reduce';
