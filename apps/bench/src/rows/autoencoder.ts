import { key } from '@dl/core';
import { mse } from '@dl/core/losses';
import { linear, relu, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';
import { trainStep } from '@dl/core/train';
import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../row';
import { trainingProgram } from '../training';

const sizes = [32, 16, 8, 16, 32];
const batch = 256;

export const autoencoderRows: readonly Row[] = [
  {
    name: 'autoencoder 32-16-8-16-32, batch 256, one Adam step',
    goals: { tfjs: 5, torch: 0.5 },
    task: { op: 'autoencoder' },
    ours() {
      const layers = sizes.slice(1).flatMap((out) => [linear({ out }), relu()]);
      const model = sequential({ input: [sizes[0]!], key: key(0) }, layers.slice(0, -1));
      const optimizer = adam({ lr: 1e-3 });
      const x = tf.randomNormal([batch, 32]);
      return trainingProgram(trainStep(model, mse, optimizer), { x, y: x }, [optimizer, model]);
    },
    tfjs() {
      const layers = sizes.slice(1).map((outputs, i) => {
        const bound = 1 / Math.sqrt(sizes[i]!); // as PyTorch's Linear, and ours
        return {
          w: tf.variable(tf.randomUniform<tf.Rank.R2>([sizes[i]!, outputs], -bound, bound)),
          b: tf.variable(tf.randomUniform([outputs], -bound, bound)),
        };
      });
      const optimizer = tf.train.adam(1e-3);
      const x = tf.randomNormal<tf.Rank.R2>([batch, 32]);
      const last = layers.length - 1;
      const loss = () => {
        const y = layers.reduce<tf.Tensor2D>((h, { w, b }, i) => {
          const z = tf.add<tf.Tensor2D>(tf.matMul(h, w), b);
          return i < last ? tf.relu(z) : z;
        }, x);
        return tf.mean<tf.Scalar>(tf.squaredDifference(y, x));
      };
      return {
        step() {
          const cost = optimizer.minimize(loss, true)!;
          cost.dataSync();
          cost.dispose();
          return undefined;
        },
        dispose() {
          optimizer.dispose();
          tf.dispose([layers, x]);
        },
      };
    },
  },
];
