import { matMul, randomUniform } from '@tensorflow/tfjs-core';
import type { Row } from '../row';

interface Sizes {
  batch?: number;
  m: number;
  k: number;
  n: number;
  transposeA?: boolean;
  transposeB?: boolean;
}

function row({ batch, m, k, n, transposeA = false, transposeB = false }: Sizes, goal: number, slow?: true): Row {
  const kind = (transposeA ? 'T' : 'N') + (transposeB ? 'T' : 'N');
  const size = m === k && k === n ? `${n}` : `${m}x${k}x${n}`;
  const lead = batch === undefined ? [] : [batch];
  return {
    name: `matMul ${kind} ${[...lead, size].join(' x ')}`,
    goals: { tfjs: goal },
    ...(slow && { slow }),
    task: { op: 'matMul', m, k, n, transposeA, transposeB, ...(batch !== undefined && { batch }) },
    ours() {
      const a = randomUniform([...lead, ...(transposeA ? [k, m] : [m, k])], -1, 1);
      const b = randomUniform([...lead, ...(transposeB ? [n, k] : [k, n])], -1, 1);
      return {
        step: () => matMul(a, b, transposeA, transposeB),
        dispose() {
          a.dispose();
          b.dispose();
        },
      };
    },
  };
}

const square = (n: number) => ({ m: n, k: n, n });

export const matmulRows: readonly Row[] = [
  row(square(256), 1.5),
  row(square(512), 1.5),
  row(square(1024), 1.5, true),
  row({ m: 32, k: 784, n: 128 }, 1.5),
  row({ m: 3200, k: 288, n: 64 }, 1.5),
  row({ ...square(512), transposeB: true }, 15),
  row({ ...square(512), transposeA: true }, 15),
  row({ ...square(512), transposeA: true, transposeB: true }, 15),
  row({ batch: 8, ...square(256) }, 15),
];
