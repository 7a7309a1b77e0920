import { dispose, gather, randomUniform, tile, transpose } from '@tensorflow/tfjs-core';
import type { Row } from '../row';

export const movementRows: readonly Row[] = [
  {
    name: 'transpose 2048x2048',
    goals: { tfjs: 8 },
    task: { op: 'transpose', n: 2048 },
    ours() {
      const x = randomUniform([2048, 2048], -1, 1);
      return { step: () => transpose(x), dispose: () => x.dispose() };
    },
  },
  {
    name: 'gather 4096 rows of 4096x1024',
    goals: { tfjs: 8 },
    task: { op: 'gather', rows: 4096, columns: 1024 },
    ours() {
      const x = randomUniform([4096, 1024], -1, 1);
      const rows = randomUniform([4096], 0, 4096, 'int32');
      return { step: () => gather(x, rows), dispose: () => dispose([x, rows]) };
    },
  },
  {
    name: 'tile 1024x1024 by 2x2',
    goals: { tfjs: 8 },
    task: { op: 'tile', n: 1024 },
    ours() {
      const x = randomUniform([1024, 1024], -1, 1);
      return { step: () => tile(x, [2, 2]), dispose: () => x.dispose() };
    },
  },
];
