import { dispose, grads, matMul, randomUniform } from '@tensorflow/tfjs-core';
import type { Row } from '../row';

const [rows, inputs, outputs] = [1024, 64, 256];

export const denseRows: readonly Row[] = [
  {
    name: `dense ${rows}x${inputs}x${outputs} forward and both gradients`,
    goals: { tfjs: 10 },
    task: { op: 'dense', rows, in: inputs, out: outputs },
    ours() {
      const x = randomUniform([rows, inputs], -1, 1);
      const w = randomUniform([inputs, outputs], -1, 1);
      const dy = randomUniform([rows, outputs], -1, 1);
      const gradients = grads((a, b) => matMul(a, b));
      return { step: () => gradients([x, w], dy), dispose: () => dispose([x, w, dy]) };
    },
  },
];
