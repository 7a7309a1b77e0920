import { kernels } from '../kernels';
import type { Override } from '../override';

export const elementwise: readonly Override[] = [
  {
    name: 'Tanh',
    reason: 'slow',
    error: '4e-7 absolute',
    supports: ({ x }) => x!.dtype === 'float32',
    run({ inputs: { x }, heap }) {
      const y = heap.allocate(x!.shape);
      kernels.on(heap).tanh(
        heap.address(x!),
        heap.address(y),
        x!.shape.reduce((a, b) => a * b, 1),
      );
      return y;
    },
  },
];
