// What layer packages compute with: the tensors and operations of tfjs that they need, and ours. Nothing else in the
// project imports tfjs.

export {
  abs,
  add,
  addN,
  all,
  any,
  argMax,
  argMin,
  broadcastTo,
  buffer,
  cast,
  ceil,
  clipByValue,
  clone,
  concat,
  conv1d,
  conv2d,
  conv2dTranspose,
  cos,
  cumsum,
  type DataType,
  depthwiseConv2d,
  dispose,
  div,
  equal,
  erf,
  exp,
  expandDims,
  expm1,
  eye,
  fill,
  floor,
  gather,
  grad,
  grads,
  greater,
  greaterEqual,
  isFinite,
  isInf,
  isNaN,
  keep,
  less,
  lessEqual,
  linspace,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logSumExp,
  matMul,
  max,
  maximum,
  mean,
  memory,
  min,
  minimum,
  mirrorPad,
  mod,
  moments,
  mul,
  neg,
  nextFrame,
  notEqual,
  oneHot,
  ones,
  onesLike,
  pad,
  pow,
  prod,
  Rank,
  type RecursiveArray,
  range,
  reciprocal,
  reshape,
  reverse,
  round,
  rsqrt,
  type Scalar,
  type ShapeMap,
  scalar,
  sign,
  sin,
  slice,
  split,
  sqrt,
  square,
  squaredDifference,
  squeeze,
  stack,
  step,
  stridedSlice,
  sub,
  sum,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  type TensorBuffer,
  type TensorContainer,
  type TensorLike,
  type TypedArray,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  tensor5d,
  tidy,
  tile,
  topk,
  transpose,
  unsortedSegmentSum,
  unstack,
  valueAndGrad,
  valueAndGrads,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
export { ACTIVATION_CODES, type FusedActivation } from '../backend/activation-codes';
export { type Geometry, lendGeometry } from '../backend/geometry';
export type { Heap } from '../backend/heap';
export { type KernelBinaries, type KernelMemory, KernelModule } from '../backend/kernel-module';
export { gradientDepth } from '../backend/tape';
export {
  type BatchNormInferenceOptions,
  type BatchNormOptions,
  type BatchNormResult,
  batchNorm,
  batchNormInference,
} from './batch-norm';
export {
  definedOps,
  defineOp,
  type Gradients,
  heapForInference,
  type Op,
  type OpDefinition,
  withComposedOps,
} from './define-op';
export { type DropoutOptions, dropout } from './dropout';
export { elu } from './elu';
export { type EmbeddingOptions, embedding } from './embedding';
export { fusedActivations } from './fused-activations';
export { gelu } from './gelu';
export { glu } from './glu';
export { type GroupNormOptions, groupNorm } from './group-norm';
export { hardsigmoid } from './hardsigmoid';
export { hardswish } from './hardswish';
export { hardtanh } from './hardtanh';
export { type LayerNormOptions, layerNorm, type RmsNormOptions, rmsNorm } from './layer-norm';
export { leakyRelu } from './leaky-relu';
export { affine, type LinearOptions, linear } from './linear';
export { logSigmoid } from './log-sigmoid';
export { logSoftmax } from './log-softmax';
export { mish } from './mish';
export { prelu } from './prelu';
export { relu } from './relu';
export { relu6 } from './relu6';
export { selu } from './selu';
export { sigmoid } from './sigmoid';
export { silu } from './silu';
export { softmax } from './softmax';
export { type CrossEntropyAttrs, softmaxCrossEntropy } from './softmax-cross-entropy';
export { softplus } from './softplus';
export { softsign } from './softsign';
export { tanh } from './tanh';
