import { areFloat } from '../dtypes';
import { kernels } from '../kernels';
import type { Override } from '../override';
import { sizeOf } from '../shapes';

/** y = (x - mean) scale / sqrt(variance + epsilon) + offset, one of each for every channel, the last axis of x. */
export const fusedBatchNorm: Override = {
  name: 'FusedBatchNorm',
  reason: 'slow',
  error: '4e-7 of |x - mean| scale / sqrt(variance + epsilon)',
  supports({ x, mean, variance, scale, offset }) {
    const channels = x!.shape.at(-1);
    return (
      areFloat(x, mean, variance, scale, offset) &&
      [mean, variance, scale, offset].every((given) => given == null || sizeOf(given.shape) === channels)
    );
  },
  run({ inputs: { x, mean, variance, scale, offset }, attrs, heap }) {
    const y = heap.allocate(x!.shape);
    const channels = x!.shape.at(-1)!;
    heap.scratch(4 * channels, (factor) => {
      kernels
        .on(heap)
        .normalizeChannels(
          heap.address(x!),
          heap.address(y),
          sizeOf(x!.shape.slice(0, -1)),
          channels,
          heap.address(mean!),
          heap.address(variance!),
          scale ? heap.address(scale) : 0,
          offset ? heap.address(offset) : 0,
          attrs.varianceEpsilon as number,
          factor,
        );
    });
    return y;
  },
};
