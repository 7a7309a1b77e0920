import { add, clipByValue, div, less, lessEqual, mul, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';
import { expectFloat } from './checks';
import { defineOp } from './define-op';
import { pointwise } from './pointwise';

const op = defineOp({
  name: 'hardswish',
  forward: ({ x }: { x: Tensor }) => mul(x, div(clipByValue(add(x, 3), 0, 6), 6)),
  backward: ({ x, dy }) => ({
    x: () => where(less(x, -3), zerosLike(dy), where(lessEqual(x, 3), mul(dy, add(div(x, 3), 0.5)), dy)),
  }),
  kernel: ({ x }, _, heap) => pointwise(heap, 'hardswish', [x]),
  backwardKernel: ({ x, dy }, _, heap) => ({ x: () => pointwise(heap, 'hardswishGradient', [x, dy]) }),
  saves: ['x'],
  error: '2e-7 relative',
});

/**
 * The cheap form of `silu`: `y = x min(max(x + 3, 0), 6) / 6`, of MobileNetV3. PyTorch's `hardswish`.
 *
 * `dy/dx` is 0 where `x < -3`, 1 where `x > 3`, and `(2x + 3) / 6` between.
 *
 * @param x any shape, float32
 * @throws DtypeError unless the input is float32
 */
export function hardswish(x: Tensor): Tensor {
  expectFloat('hardswish', 'input', x);
  return op({ x });
}
