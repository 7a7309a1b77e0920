import type { Tensor } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { hardtanh } from './hardtanh';

/**
 * The rectifier with a ceiling, `y = min(max(x, 0), 6)`, of MobileNet. PyTorch's `relu6`.
 *
 * The gradient passes where `0 < x < 6`.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function relu6(x: Tensor): Tensor {
  expectFloat('relu6', 'input', x);
  return hardtanh(x, 0, 6);
}
