// What the core module exports. One file a family; the files are also the library that layer packages compile against.
export { activationGradient, activatePrelu } from './activations';
export { constantsSize, useConstants } from './constants';
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
export { threefryBits } from './threefry';
export { erf, exp, expm1, log, log1p, sigmoid, softplus, tanh } from './vector-math';
export { adadelta, adagrad, adam, adamax, blend, gradientSquares, lion, rmsprop, sgd } from './optimizers';
