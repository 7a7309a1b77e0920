import { conv2d, maxPool2d } from '@dl/cnn';
import { key } from '@dl/core';
import { crossEntropy } from '@dl/core/losses';
import { flatten, linear, relu, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';
import { trainStep } from '@dl/core/train';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { Program, Row } from '../row';
import { trainingProgram } from '../training';

/** Two convolutions of 5x5, each with a pool, and two dense layers: 454,922 parameters. */
function lenet() {
  return sequential({ input: [28, 28, 1], key: key(0) }, [
    conv2d({ out: 32, kernel: 5, padding: 'same' }),
    relu(),
    maxPool2d({ kernel: 2 }),
    conv2d({ out: 64, kernel: 5, padding: 'same' }),
    relu(),
    maxPool2d({ kernel: 2 }),
    flatten(),
    linear({ out: 128 }),
    relu(),
    linear({ out: 10 }),
  ]);
}

function layersLenet(lastActivation?: 'softmax'): layers.Sequential {
  const convolution = { kernelSize: 5, padding: 'same', activation: 'relu' } as const;
  return layers.sequential({
    layers: [
      layers.layers.conv2d({ ...convolution, filters: 32, inputShape: [28, 28, 1] }),
      layers.layers.maxPooling2d({ poolSize: 2 }),
      layers.layers.conv2d({ ...convolution, filters: 64 }),
      layers.layers.maxPooling2d({ poolSize: 2 }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 128, activation: 'relu' }),
      layers.layers.dense({ units: 10, ...(lastActivation && { activation: lastActivation }) }),
    ],
  });
}

function training(batch: number): Row {
  return {
    name: `LeNet, batch ${batch}, one Adam step`,
    goals: { torch: 0.55, ...(batch === 32 && { layers: 50 }) },
    task: { op: 'lenet', batch, train: true },
    slow: true,
    tfjs: false, // it has no gradient of a convolution's filter
    ours() {
      const model = lenet();
      const optimizer = adam({ lr: 1e-3 });
      const x = tf.randomUniform([batch, 28, 28, 1]);
      const classes = Int32Array.from({ length: batch }, (_, i) => i % 10);
      const y = tf.tensor1d(classes, 'int32');
      return trainingProgram(trainStep(model, crossEntropy, optimizer), { x, y }, [optimizer, model]);
    },
    // A step of 128 takes tfjs minutes.
    ...(batch === 32 && { layers: { backend: 'cpu', program: () => layersTraining(batch) } }),
  };
}

function layersTraining(batch: number): Program {
  const model = layersLenet('softmax');
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([batch, 28, 28, 1]);
  const classes = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const y = tf.oneHot(tf.tensor1d(classes, 'int32'), 10);
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

function inference(batch: number): Row {
  return {
    name: `LeNet, batch ${batch}, inference`,
    goals: { tfjs: 1.2, ort: 1.2 },
    task: { op: 'lenet', batch, train: false },
    ours() {
      const model = lenet();
      const x = tf.randomUniform([batch, 28, 28, 1]);
      return {
        step: () => model.predict(x),
        dispose() {
          model.dispose();
          x.dispose();
        },
      };
    },
    tfjs() {
      const model = layersLenet();
      const x = tf.randomUniform([batch, 28, 28, 1]);
      return {
        step: () => model.predict(x),
        dispose() {
          model.dispose();
          x.dispose();
        },
      };
    },
  };
}

export const lenetRows: readonly Row[] = [training(32), training(128), inference(1), inference(32)];
