import { clipByValue, greater, less, logicalAnd, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'hardtanh',
  forward: ({ x }: { x: Tensor }, { low, high }: { low: number; high: number }) => clipByValue(x, low, high),
  backward: ({ x, dy }, { low, high }) => ({
    x: () => where(logicalAnd(greater(x, low), less(x, high)), dy, zerosLike(dy)),
  }),
  kernel: ({ x }, { low, high }, heap) => pointwise(heap, 'hardtanh', [x], low, high),
  backwardKernel: ({ x, dy }, { low, high }, heap) => ({
    x: () => pointwise(heap, 'hardtanhGradient', [x, dy], low, high),
  }),
  saves: ['x'],
  error: 'exact',
});

/**
 * `y = min(max(x, low), high)`. PyTorch's `hardtanh`.
 *
 * The gradient passes between the limits, and stops at and beyond them.
 *
 * @param x any shape, float32
 * @param low the lower limit
 * @param high the upper limit
 * @default low -1
 * @default high 1
 * @throws DtypeError unless the input is float32
 * @throws ConfigError unless low is below high
 */
export function hardtanh(x: Tensor, low = -1, high = 1): Tensor {
  expectFloat('hardtanh', 'input', x);
  if (!(low < high)) throw new ConfigError('hardtanh', `the limits are ${low} and ${high}: the lower is not below`);
  return op({ x }, { low, high });
}
