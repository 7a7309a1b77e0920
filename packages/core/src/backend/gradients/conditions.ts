import { type GradConfig, zeros } from '@tensorflow/tfjs-core';

/**
 * Comparisons and logic do not move with their inputs: their gradients are 0. tfjs has none for most of them, so that
 * `where(greater(x, 0), x, 0)` cannot be differentiated.
 */
export const conditions: readonly GradConfig[] = [
  ...['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr', 'LogicalXor'].map(
    (name) => constant(name, ['a', 'b']),
  ),
  ...['LogicalNot', 'IsNan', 'IsFinite', 'IsInf', 'Any', 'All'].map((name) => constant(name, ['x'])),
];

function constant(kernelName: string, inputs: string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => zeros(saved[i]!.shape)])),
  };
}
