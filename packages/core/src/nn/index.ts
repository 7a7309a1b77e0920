export * from './activations';
export { BatchNorm, type BatchNormConfig, batchNorm } from './batch-norm';
export { Dropout, type DropoutConfig, dropout } from './dropout';
export { Embedding, type EmbeddingConfig, embedding } from './embedding';
export { Flatten, flatten } from './flatten';
export { type Functional, functional } from './functional';
export { GLU, type GLUConfig, glu } from './glu';
export {
  GroupNorm,
  type GroupNormConfig,
  groupNorm,
  InstanceNorm,
  type InstanceNormConfig,
  instanceNorm,
} from './group-norm';
export { Identity, identity } from './identity';
export * as initializers from './initializers';
export {
  LayerNorm,
  type LayerNormConfig,
  layerNorm,
  RMSNorm,
  type RMSNormConfig,
  rmsNorm,
} from './layer-norm';
export { Linear, type LinearConfig, linear } from './linear';
export { PReLU, type PReLUConfig, prelu } from './prelu';
export { Reshape, type ReshapeConfig, reshape } from './reshape';
export { Residual, type ResidualConfig, residual } from './residual';
export { Sequential, type SequentialJSON, sequential, sequentialFromJSON } from './sequential';
export { LogSoftmax, logSoftmax, Softmax, type SoftmaxConfig, softmax } from './softmax';
export { buildSpec, defineSpec, type LayerSpec } from './spec';
export { type Summary, type SummaryOptions, type SummaryRow, summary } from './summary';
