import { Param } from '@dl/core';
import { adam } from '@dl/core/optim';
import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../row';

const [tensors, size] = [4, 1 << 20];
const names = Array.from({ length: tensors }, (_, i) => `p${i}`);
const values = () => tf.randomUniform([size], -1, 1);

export const optimizerRows: readonly Row[] = [
  {
    name: 'Adam on 4M parameters',
    goals: { tfjs: 10 },
    task: { op: 'adam', tensors, size },
    ours() {
      const params = new Map(names.map((name) => [name, new Param(values())]));
      const gradients = new Map(names.map((name) => [name, values()]));
      const optimizer = adam({ lr: 1e-3 });
      return {
        step() {
          optimizer.step(params, gradients);
          return undefined;
        },
        dispose() {
          optimizer.dispose();
          for (const tensor of [...params.values(), ...gradients.values()]) tensor.dispose();
        },
      };
    },
    tfjs() {
      const variables = names.map((name) => tf.variable(values(), true, name));
      const gradients = names.map((name) => ({ name, tensor: values() }));
      const optimizer = tf.train.adam(1e-3);
      return {
        step() {
          optimizer.applyGradients(gradients);
          return undefined;
        },
        dispose() {
          optimizer.dispose();
          tf.dispose([variables, gradients.map(({ tensor }) => tensor)]);
        },
      };
    },
  },
];
