import { key, trainStep } from '@dl/core';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';
import { gru, lstm } from '@dl/rnn';
import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../row';

const [batch, time, inputs] = [32, 100, 32];

/** The last output of a recurrent layer, a dense layer, mean squared error, one step of Adam. */
function row(kind: 'LSTM' | 'GRU', hidden: number, goal: number): Row {
  return {
    name: `${kind} ${hidden}, batch 32, 100 steps of 32, one Adam step`,
    goals: { torch: goal },
    task: { op: 'recurrent', kind, hidden, batch, time, inputs },
    slow: true,
    ours() {
      const layer = kind === 'LSTM' ? lstm({ hidden, returns: 'last' }) : gru({ hidden, returns: 'last' });
      const model = sequential({ input: [time, inputs], key: key(0) }, [layer, linear({ out: 1 })]);
      const optimizer = adam({ lr: 1e-3 });
      const [x, y] = [tf.randomNormal([batch, time, inputs]), tf.randomNormal([batch, 1])];
      const step = trainStep(model, mse, optimizer);
      return {
        step() {
          step({ x, y });
          return undefined;
        },
        dispose() {
          step.dispose();
          optimizer.dispose();
          model.dispose();
          tf.dispose([x, y]);
        },
      };
    },
  };
}

export const recurrentRows: readonly Row[] = [
  row('LSTM', 64, 1.25),
  row('LSTM', 256, 0.85),
  row('GRU', 64, 1.25),
  row('GRU', 256, 0.85),
];
