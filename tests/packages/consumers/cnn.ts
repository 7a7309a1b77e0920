import { augment, conv2d, featureMaps, loadTorch, maxPool2d, randomShift, torchStateDict } from '@dl/cnn';
import { col2im, im2col } from '@dl/cnn/ops';
import { fit, init, key } from '@dl/core';
import { Dataset } from '@dl/core/data';
import { crossEntropy } from '@dl/core/losses';
import { flatten, linear, sequential } from '@dl/core/nn';
import { memory, ones } from '@dl/core/ops';
import { adam } from '@dl/core/optim';

/** Trains a small network to tell bars that lie from bars that stand, and uses both entry points of the package. */
export default async function train(): Promise<{ before: number; after: number }> {
  await init();
  const held = memory().numTensors;

  const [count, size] = [64, 8];
  const pixels = key(0).uniform(count * size * size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  for (let i = 0; i < pixels.length; i++) {
    const [row, column] = [Math.floor(i / size) % size, i % size];
    if ((labels[Math.floor(i / (size * size))] === 0 ? row : column) % 4 === 0) pixels[i]! += 2;
  }
  const data = Dataset.fromArrays({ x: { data: pixels, shape: [count, size, size, 1] }, y: labels });
  const model = sequential({ input: [size, size, 1], key: key(1) }, [
    conv2d({ out: 4, kernel: 3, padding: 'same', activation: 'relu' }),
    maxPool2d({ kernel: 2 }),
    flatten(),
    linear({ out: 2 }),
  ]);
  const optimizer = adam({ lr: 0.02 });
  const batches = data
    .shuffle(key(2))
    .batch(16)
    .map(augment(key(3), [randomShift({ pixels: 1 })]));
  const losses: number[] = [];
  for await (const epoch of fit(model, { data: batches, loss: crossEntropy, optimizer, epochs: 8 }).epochs()) {
    losses.push(epoch.loss);
  }

  const state = torchStateDict(model);
  if (state.get('0.weight')?.shape.join() !== '4,1,3,3') throw new Error('the kernel is not as PyTorch has it');
  await loadTorch(model, state);
  const x = ones([1, size, size, 1]);
  const maps = featureMaps(model, x);
  if (maps.get('1')?.shape.join() !== '1,4,4,4') throw new Error(`the maps are ${[...maps.keys()].join()}`);
  const patches = im2col(x, 2, { stride: 2 });
  const image = col2im(patches, [size, size], 2, { stride: 2 });
  if (image.dataSync().some((value) => value !== 1)) throw new Error('col2im does not put back what im2col took');
  for (const tensor of [...state.values(), ...maps.values(), x, patches, image]) tensor.dispose();
  optimizer.dispose();
  model.dispose();
  if (memory().numTensors !== held) throw new Error(`${memory().numTensors - held} tensors were left behind`);
  return { before: losses[0]!, after: losses.at(-1)! };
}
