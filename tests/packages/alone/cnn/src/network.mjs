import { conv2d, maxPool2d } from '@dl/cnn';
import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { crossEntropy } from '@dl/core/losses';
import { batchNorm, flatten, linear, relu, sequential } from '@dl/core/nn';
import { adam } from '@dl/core/optim';

const [count, size] = [32, 8];

/** Noise that is brighter above or below. */
function images() {
  const data = key(0).uniform(count * size * size);
  const y = Int32Array.from({ length: count }, (_, i) => i % 2);
  for (let i = 0; i < data.length; i++) {
    if (Math.floor(i / size) % size < size / 2 === (y[Math.floor(i / (size * size))] === 0)) data[i] += 1;
  }
  return Dataset.fromArrays({ x: { data, shape: [count, size, size, 1] }, y });
}

/** A small CNN, with other weights for another seed. */
export async function network(seed) {
  await init();
  return sequential({ input: [size, size, 1], key: key(seed) }, [
    conv2d({ out: 4, kernel: 3, padding: 'same', bias: false }),
    batchNorm(),
    relu(),
    maxPool2d({ kernel: 2 }),
    flatten(),
    linear({ out: 2 }),
  ]);
}

/** Trains it, and gives the loss of the first and of the last epoch. */
export async function train(model) {
  const losses = [];
  const options = {
    data: images().shuffle(key(1)).batch(8),
    loss: crossEntropy,
    optimizer: adam({ lr: 0.02 }),
    epochs: 6,
  };
  for await (const epoch of fit(model, options).epochs()) losses.push(epoch.loss);
  if (!(losses.at(-1) < losses[0] / 2)) throw new Error(`the losses were ${losses.join(', ')}`);
  return `${losses[0].toFixed(3)} -> ${losses.at(-1).toFixed(3)}`;
}

/** What it gives for the images. */
export async function logitsOf(model) {
  const { x, y } = await images().first(count);
  const logits = model.predict(x);
  const values = [...logits.dataSync()];
  for (const tensor of [x, y, logits]) tensor.dispose();
  return values;
}
