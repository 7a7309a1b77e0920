import { mean, randomUniform, sum } from '@tensorflow/tfjs-core';
import type { Row } from '../row';

const [rows, columns] = [4096, 1024];

export const reductionRows: readonly Row[] = Object.entries({ sum, mean }).map(([kind, f]) => ({
  name: `${kind} over the leading axis ${rows}x${columns}`,
  goals: { tfjs: 10 },
  task: { op: 'reduce', kind, rows, columns },
  ours() {
    const x = randomUniform([rows, columns], -1, 1);
    return { step: () => f(x, 0), dispose: () => x.dispose() };
  },
}));
