import { Module, Param, type Shape } from '@dl/core';
import { linear, squaredDifference, type Tensor } from '@dl/core/ops';
import { adam } from '@dl/core/optim';
import { trainStep } from '@dl/core/train';
import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../row';

const sizes = [32, 16, 8, 16, 32];
const batch = 256;

/** The weights of each layer, as `layout` has them, with the bound of PyTorch's `Linear`. */
function weights<T>(layout: (inputs: number, outputs: number) => number[], wrap: (values: Tensor) => T): [T, T][] {
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]!;
    const bound = 1 / Math.sqrt(inputs);
    return [
      wrap(tf.randomUniform(layout(inputs, outputs), -bound, bound)),
      wrap(tf.randomUniform([outputs], -bound, bound)),
    ];
  });
}

class Autoencoder extends Module {
  readonly layers = weights(
    (inputs, outputs) => [outputs, inputs],
    (values) => new Param(values),
  );

  forward(x: Tensor): Tensor {
    const last = this.layers.length - 1;
    return this.layers.reduce(
      (h, [weight, bias], i) => linear(h, weight.value, bias.value, { activation: i < last ? 'relu' : 'linear' }),
      x,
    );
  }

  outputShape(input: Shape): Shape {
    return input;
  }
}

export const autoencoderRows: readonly Row[] = [
  {
    name: 'autoencoder 32-16-8-16-32, batch 256, one Adam step',
    goals: { tfjs: 5, torch: 0.5 },
    task: { op: 'autoencoder' },
    ours() {
      const model = new Autoencoder();
      const optimizer = adam({ lr: 1e-3 });
      const x = tf.randomNormal([batch, 32]);
      const step = trainStep(model, (y, target) => tf.mean(squaredDifference(y, target)), optimizer);
      return {
        step() {
          step({ x, y: x });
          return undefined;
        },
        dispose() {
          step.dispose();
          optimizer.dispose();
          model.dispose();
          x.dispose();
        },
      };
    },
    tfjs() {
      const layers = weights(
        (inputs, outputs) => [inputs, outputs],
        (values) => tf.variable(values),
      );
      const optimizer = tf.train.adam(1e-3);
      const x = tf.randomNormal([batch, 32]);
      const last = layers.length - 1;
      const loss = () => {
        const y = layers.reduce<Tensor>((h, [w, b], i) => {
          const z = tf.add(tf.matMul(h as tf.Tensor2D, w as tf.Tensor2D), b);
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
