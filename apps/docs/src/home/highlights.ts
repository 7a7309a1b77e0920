import type { MeasuredSpeed } from '../facts/facts.ts';
import { ratio } from '../facts/speed.ts';

/** What the home page shows of the benchmark: the work of each package that one would ask about first, wins and losses. */
const asked = [
  'matMul NN 512',
  'LeNet, batch 32, one Adam step',
  'LeNet, batch 32, inference',
  'LSTM 64, batch 32, 100 steps of 32, one Adam step',
  'LSTM 256, batch 32, 100 steps of 32, one Adam step',
  'IsolationForest score 10k new, 10k x 32',
  'OneClassSVM fit, 10k x 32',
] as const;

const against = { tfjs: 'TensorFlow.js (wasm)', torch: 'PyTorch', sklearn: 'scikit-learn' } as const;

export interface Highlight {
  readonly name: string;
  readonly ms: number;
  /** Their time by ours. */
  readonly ratios: readonly { readonly side: string; readonly times: number }[];
}

/** The rows that were asked for and are there. */
export function highlights({ rows }: MeasuredSpeed): readonly Highlight[] {
  return asked.flatMap((name) => {
    const row = rows.find((it) => it.name === name);
    if (row?.ms.ours === undefined) return [];
    const ratios = Object.entries(against).flatMap(([side, label]) => {
      const times = ratio(row, side);
      return times === undefined ? [] : [{ side: label, times }];
    });
    return [{ name, ms: row.ms.ours, ratios }];
  });
}
