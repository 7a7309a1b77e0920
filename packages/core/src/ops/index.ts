export { add, grad, mul, sigmoid, sub, tanh, tensor } from '@tensorflow/tfjs-core';
export { definedOps, defineOp, type Op, type OpDefinition, withComposedOps } from './define-op';
