import { key, trainStep } from '@dl/core';
import { mse } from '@dl/core/losses';
import { linear, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';
import { gru, LSTM, lstm } from '@dl/rnn';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { Program, Row } from '../row';
import { trainingProgram } from '../training';

const [batch, time, inputs] = [32, 100, 32];

/** The last output of a recurrent layer, a dense layer, mean squared error, one step of Adam. */
function row(kind: 'LSTM' | 'GRU', hidden: number, goals: Row['goals']): Row {
  return {
    name: `${kind} ${hidden}, batch 32, 100 steps of 32, one Adam step`,
    ...(goals && { goals }),
    task: { op: 'recurrent', kind, hidden, batch, time, inputs },
    slow: true,
    tfjs: false,
    layers: { backend: 'wasm', program: () => withLayers(kind, hidden) },
    ours() {
      const layer = kind === 'LSTM' ? lstm({ hidden, returns: 'last' }) : gru({ hidden, returns: 'last' });
      const model = sequential({ input: [time, inputs], key: key(0) }, [layer, linear({ out: 1 })]);
      const optimizer = adam({ lr: 1e-3 });
      const [x, y] = [tf.randomNormal([batch, time, inputs]), tf.randomNormal([batch, 1])];
      return trainingProgram(trainStep(model, mse, optimizer), { x, y }, [optimizer, model]);
    },
  };
}

/** The same with tfjs-layers. */
function withLayers(kind: 'LSTM' | 'GRU', hidden: number): Program {
  const model = layers.sequential();
  // Its first values, orthogonal by default, need a kernel that the stock backend lacks.
  const config = { units: hidden, inputShape: [time, inputs], recurrentInitializer: 'glorotUniform' as const };
  model.add(
    kind === 'LSTM'
      ? layers.layers.lstm({ ...config, recurrentActivation: 'sigmoid' })
      : layers.layers.gru({ ...config, recurrentActivation: 'sigmoid' }),
  );
  model.add(layers.layers.dense({ units: 1 }));
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
  const [x, y] = [tf.randomNormal([batch, time, inputs]), tf.randomNormal([batch, 1])];
  return {
    async step() {
      await model.trainOnBatch(x, y);
      return undefined;
    },
    dispose() {
      model.dispose();
      tf.dispose([x, y]);
    },
  };
}

/** One step in time of one sequence, as a program that answers does it. */
const step: Row = {
  name: 'LSTM 64 of 32, one step at batch 1',
  goals: { tfjs: 10 },
  ours() {
    const layer = new LSTM({ in: 32, hidden: 64, key: key(0) });
    const x = tf.randomNormal([1, 32]);
    let { output, state } = layer.step(x);
    output.dispose();
    return {
      step() {
        const { h, c } = state;
        ({ output, state } = layer.step(x, state));
        tf.dispose([h, c!]);
        return output;
      },
      dispose() {
        tf.dispose([x, state.h, state.c!]);
        layer.dispose();
      },
    };
  },
  tfjs() {
    const x = tf.randomNormal<tf.Rank.R2>([1, 32]);
    const [kernel, bias] = [tf.randomNormal<tf.Rank.R2>([96, 256]), tf.zeros<tf.Rank.R1>([256])];
    let [c, h] = [tf.zeros<tf.Rank.R2>([1, 64]), tf.zeros<tf.Rank.R2>([1, 64])];
    const forget = tf.scalar(0);
    return {
      step() {
        const before = [c, h];
        [c, h] = tf.tidy(() => tf.basicLSTMCell(forget, kernel, bias, x, c, h));
        tf.dispose(before);
        return undefined;
      },
      dispose: () => tf.dispose([x, kernel, bias, c, h, forget]),
    };
  },
};

/** Forward and backward over sequences of these lengths. */
function ofLengths(lengths: readonly number[]): Program {
  const model = new LSTM({ in: inputs, hidden: 64, key: key(0) });
  const x = tf.randomNormal([batch, time, inputs]);
  const params = [...model.parameters().values()].map((param) => param.value);
  const f = () => tf.sum(model.forward(x, { train: true, lengths }).last);
  return {
    step() {
      const { value, grads } = tf.valueAndGrads(f)(params);
      return [value, ...grads];
    },
    dispose() {
      model.dispose();
      x.dispose();
    },
  };
}

/** Padding costs nothing: half of it is less than two thirds of the time. */
const lengths: Row = {
  name: 'LSTM 64, lengths from 1 to 100, against all 100 (self)',
  goals: { self: 1 / 0.65 },
  tfjs: false,
  slow: true,
  ours: () => ofLengths([...key(0).integers(batch, 1, time + 1)]),
  self: () => ofLengths(new Array<number>(batch).fill(time)),
};

export const recurrentRows: readonly Row[] = [
  row('LSTM', 64, { torch: 1.25, layers: 18, jax: 6 }),
  row('LSTM', 256, { torch: 0.85, layers: 13 }),
  row('GRU', 64, { torch: 1.25 }),
  row('GRU', 256, { torch: 0.85 }),
  step,
  lengths,
];
